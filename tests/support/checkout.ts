import { dirname, join } from "node:path";
import { ROOT, tempFolder } from "./server.ts";

/** What a clone of this repository would hold, uncommitted work included, in a folder that goes with the test. */
export async function freshCheckout(): Promise<ReturnType<typeof tempFolder>> {
  const folder = tempFolder();
  const { stdout, success } = await new Deno.Command("git", {
    args: ["ls-files", "--cached", "--others", "--exclude-standard", "-z"],
    cwd: ROOT,
  }).output();
  if (!success) throw new Error("git does not list the files of this checkout");
  for (const name of new TextDecoder().decode(stdout).split("\0").filter(Boolean)) {
    const target = join(folder.path, name);
    await Deno.mkdir(dirname(target), { recursive: true });
    await Deno.copyFile(join(ROOT, name), target).catch((error) => {
      // Listed, but deleted and not yet committed.
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    });
  }
  return folder;
}
