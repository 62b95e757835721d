import { UsageError } from "../../config.ts";

/** Somebody who writes or reads: an account made for this run, or whoever a token was given for. */
export interface Person {
  id: string;
  token: string;
  /** Of an account that is deleted at the end. */
  password?: string;
}

const MAX_WAITS = 20;

/** One call over REST. Waits where a rate limit says so. Throws what the server says. */
export async function ask(
  url: string,
  method: string,
  path: string,
  { token, body, signal }: { token?: string; body?: unknown; signal?: AbortSignal } = {},
): Promise<Record<string, unknown>> {
  for (let waits = 0;; waits++) {
    const answer = await fetch(`${url}/api/v1${path}`, {
      method,
      headers: {
        ...token ? { authorization: `Bearer ${token}` } : {},
        ...body === undefined ? {} : { "content-type": "application/json" },
      },
      body: body === undefined ? undefined : JSON.stringify(body),
      signal,
    }).catch((error) => {
      throw signal?.aborted ? signal.reason : new UsageError(
        `${url} cannot be reached (${
          (error as Error).message.split("\n", 1)[0]
        }); is it the server's address?`,
      );
    });
    const said = await answer.json().catch(() => ({})) as Record<string, unknown>;
    if (answer.ok) return said;
    if (answer.status !== 429 || waits === MAX_WAITS) throw new Refused(answer.status, said);
    await new Promise((resolve) =>
      setTimeout(resolve, 1_000 * Number(answer.headers.get("retry-after") ?? 1))
    );
  }
}

export class Refused extends Error {
  override name = "Refused";
  readonly code: string;

  constructor(status: number, { code, detail }: Record<string, unknown>) {
    super(`${detail ?? `HTTP ${status}`}`);
    this.code = String(code ?? status);
  }
}

/** An account for this run only, with a name that nobody has. */
export async function makePerson(url: string, signal: AbortSignal): Promise<Person> {
  const random = crypto.getRandomValues(new Uint8Array(12)).toHex();
  const [username, password] = [`bench-${random.slice(0, 12)}`, crypto.randomUUID()];
  const body = { username, password, deviceName: "imserver bench" };
  const login = await ask(url, "POST", "/auth/register", { body, signal }).catch((error) => {
    if (!(error instanceof Refused)) throw error;
    const remedy = error.code === "registration_closed"
      ? "make tokens with imserver token new, and give them with --tokens"
      : "is it an imserver?";
    throw new UsageError(`${url} makes no account (${error.message.replace(/\.$/, "")}); ${remedy}`);
  });
  const { id } = login.user as { id: string };
  return { id, token: String(login.accessToken), password };
}

export async function whoHas(url: string, token: string): Promise<Person> {
  const user = await ask(url, "GET", "/users/me", { token }).catch((error) => {
    if (!(error instanceof Refused)) throw error;
    throw new UsageError(`a token of --tokens is not good (${error.code}); imserver token inspect says why`);
  });
  return { id: String(user.id), token };
}

/** Deletes the account, if it was made for this run. */
export async function unmake(url: string, { token, password }: Person): Promise<void> {
  if (password !== undefined) await ask(url, "POST", "/users/me/delete", { token, body: { password } });
}
