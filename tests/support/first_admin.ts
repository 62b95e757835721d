import { freshName, type Person, rest } from "./people.ts";
import type { Server } from "./server.ts";

const PASSWORD = "correct horse battery";

/** Makes the first admin, with the link that a new server prints; it may come a moment after "ready". */
export async function firstAdmin(server: Server, ...others: Server[]): Promise<Person> {
  const token = await linkOf(server, ...others);
  const account = { username: freshName("boss"), password: PASSWORD };
  const { user, accessToken, refreshToken } = await rest(server.url, "auth.setup", { token, ...account });
  return { id: user.id, username: user.username, accessToken: accessToken!, refreshToken: refreshToken! };
}

/** The token of the link that a new server prints; of several gateways that start together, one does. */
export async function linkOf(server: Server, ...others: Server[]): Promise<string> {
  for (const end = Date.now() + 20_000; Date.now() < end;) {
    const outputs = [server, ...others].map((one) => one.output());
    const found = /setup#([A-Za-z0-9_-]{43})/.exec(outputs.join("\n"));
    if (found) return found[1];
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`no admin link was printed:\n${server.output()}`);
}
