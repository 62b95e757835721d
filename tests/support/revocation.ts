import { setTimeout as delay } from "node:timers/promises";
import { type Person, register, rest, Wire } from "./people.ts";

/** Somebody whose session is ended while others write to them without a pause. */

const WRITE_EVERY_MS = 50;
/** How long it is watched whether anything still comes after the socket has ended or the time is up. */
const WATCH_MS = 300;

export interface Revoked {
  /** From the acknowledgement to the last thing heard; negative: nothing came after it. */
  lastHeardMs: number;
  /** From the acknowledgement to the close frame. */
  closedMs: number;
  code: number;
  reason: string;
  /** What was heard before: else nobody wrote at all. */
  heard: number;
}

export interface RevocationScene {
  /** Where the victim's socket is. */
  at: string;
  /** Where the others are, and where the session is ended. */
  from: string;
  /** Ends the session; resolves with the acknowledgement. `other` is another session of the same person. */
  end: (victim: Person & { other: string }) => Promise<unknown>;
  withinMs: number;
}

/** Throws when the socket is not closed within the time. */
export async function revoke({ at, from, end, withinMs }: RevocationScene): Promise<Revoked> {
  const [writer, victim] = [await register(from), await register(from)];
  const login = { username: victim.username, password: "correct horse battery" };
  const { accessToken: other } = await rest(from, "auth.login", login);
  const [out, wire] = [await Wire.open(from, writer.accessToken), await Wire.open(at, victim.accessToken)];
  const { id: conversationId } = await out.call("conversation.openDirect", { userId: victim.id });
  let [heard, lastAt] = [0, 0];
  wire.onNotification = () => void (heard += 1, lastAt = performance.now());
  const over = new AbortController();
  const writing = write(out, conversationId, over.signal);
  await wire.until(() => heard >= 3, 20_000);
  await end({ ...victim, other: other! });
  const ackAt = performance.now();
  const late = delay(withinMs, undefined, { signal: over.signal }).then(() => {
    throw new Error(`not closed ${withinMs} ms after the acknowledgement`);
  });
  late.catch(() => {});
  try {
    const { code, reason } = await Promise.race([wire.closed, late]);
    const closedMs = performance.now() - ackAt;
    await delay(WATCH_MS);
    return { lastHeardMs: lastAt - ackAt, closedMs, code, reason, heard };
  } finally {
    over.abort();
    await writing;
    for (const { socket } of [out, wire]) socket.terminate();
  }
}

async function write(wire: Wire, conversationId: string, signal: AbortSignal): Promise<void> {
  for (let n = 0; !signal.aborted; n++) {
    const content = { type: "text", text: "still there?" } as const;
    await wire.call("message.send", { conversationId, clientId: `c${n}`, content });
    await delay(WRITE_EVERY_MS);
  }
}
