import type { InboxEntry } from "../../wire/schemas.ts";
import { heard, type Person, register, rest, Wire } from "./people.ts";

/** People who talk, each on one device or several. */

export type Talker = Person & { wires: Wire[] };

/** Someone new with so many devices, each with a session and a socket of its own. */
export async function talker(url: string, devices = 1): Promise<Talker> {
  const self = await register(url);
  const login = { username: self.username, password: "correct horse battery" };
  const wires = [await Wire.open(url, self.accessToken)];
  while (wires.length < devices) {
    wires.push(await Wire.open(url, (await rest(url, "auth.login", login)).accessToken!));
  }
  return { ...self, wires };
}

export async function hangUp(...people: Talker[]): Promise<void> {
  for (const { wires } of people) for (const wire of wires) await wire.close();
}

let sends = 0;

export function say(wire: Wire, conversationId: string, text: string) {
  return wire.call("message.send", {
    conversationId,
    clientId: `c${sends++}`,
    content: { type: "text", text },
  });
}

/** What was heard under this name about this conversation. */
export function told(wire: Wire, name: string, conversationId: string): Record<string, unknown>[] {
  return wire.notifications
    .filter(({ method, params }) => method === name && params.conversationId === conversationId)
    .map(({ params }) => params);
}

/** What a socket was told of the person's own inbox. */
export function inbox(wire: Wire): InboxEntry[] {
  return wire.notifications
    .filter(({ method }) => method === "inbox.append")
    .flatMap(({ params }) => params.entries as InboxEntry[]);
}

/** How the person came into a conversation and left it, as a socket was told. */
export function memberships(wire: Wire, conversationId: string): string[] {
  return inbox(wire).filter(({ content }) => content.conversationId === conversationId).map(({ kind }) =>
    kind
  );
}

/** Waits for a push to this socket that was made after everything so far. */
export async function settle(wire: Wire, peer: Person): Promise<void> {
  const { id } = await wire.call("conversation.openDirect", { userId: peer.id });
  const { seq } = await say(wire, id, "fence");
  await wire.until(() => heard(wire, id).some((entry) => entry.seq === seq));
}

export function textsOf(entries: { content: { text?: unknown } }[]): unknown[] {
  return entries.map(({ content }) => content.text);
}
