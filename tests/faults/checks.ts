import type { Row } from "../../data/sql/driver.ts";
import type { ConversationView } from "../../sdk/conversation_view.ts";
import type { Conversation } from "../../wire/schemas.ts";
import type { Device } from "./device.ts";
import {
  currentStay,
  fold,
  reactionText,
  readHidden,
  readTalks,
  type Seen,
  type Talk,
  textOf,
  unreadAfter,
  wasThere,
} from "./model.ts";
import type { World } from "./world.ts";

/** What is true when everything has come to rest: P1 to P5. Each answers a sentence for each violation. */
export async function checkAll(world: World, fresh: readonly Device[]): Promise<string[]> {
  const talks = await readTalks(world.storage);
  const hidden = await readHidden(world.storage);
  const seenBy = (talk: Talk, userId: string) => {
    const stay = currentStay(talk, userId);
    return stay && fold(talk, userId, stay.from, hidden.get(`${talk.id} ${userId}`) ?? new Set());
  };
  return [
    ...world.history.broken,
    ...durable(world, talks, hidden),
    ...oneOrder(talks),
    ...await counters(world, talks),
    ...noDuplicate(world, talks),
    ...noIntruder(talks),
    ...noStranger(world, talks),
    ...[...world.devices, ...fresh].flatMap((device) => [
      ...sameConversations(device, talks),
      ...sameMessages(world, device, talks, seenBy),
    ]),
    ...sameHeads(world, fresh, talks),
  ];
}

/** P1: what was acked is stored, where and as it was acked. */
function durable({ history, trace }: World, talks: Talk[], hidden: Map<string, Set<number>>): string[] {
  const entryAt = (id: string, seq: number) => talks.find((talk) => talk.id === id)?.log[seq - 1];
  const recalled = new Set(
    talks.flatMap(({ id, log }) =>
      log.filter(({ kind }) => kind === "message.recalled").map(({ content }) => `${id} ${content.target}`)
    ),
  );
  const place = (id: string, seq: number) => `${trace.nameOf(id)}#${seq}`;
  const lostSends = history.ackedSends.filter(({ userId, conversationId, clientId, text, seq }) => {
    const entry = entryAt(conversationId, seq);
    const same = entry?.kind === "message" && entry.senderId === userId && entry.clientId === clientId;
    return !same || (textOf(entry.content) !== text && !recalled.has(`${conversationId} ${seq}`));
  });
  const stored = new Set(talks.flatMap(({ log }) => log.map(({ clientId }) => clientId)));
  const unsent = [...history.sends].filter(([clientId, { conversationId, writer }]) =>
    writer && !stored.has(clientId) &&
    !writer.outbox.items(conversationId).some((item) => item.clientId === clientId)
  );
  const lostChanges = history.ackedChanges.filter((change) => {
    if (change.seq === null) return false;
    const entry = entryAt(change.conversationId, change.seq);
    if (entry?.senderId !== change.userId || entry.content.target !== change.target) return true;
    if (change.kind === "edit" && !recalled.has(`${change.conversationId} ${change.target}`)) {
      return textOf(entry.content.content as Record<string, unknown>) !== change.detail;
    }
    return change.kind.endsWith("react") && entry.content.emoji !== change.detail;
  });
  const lostHides = history.ackedHides.filter(({ conversationId, userId, seqs }) =>
    !seqs.every((seq) => hidden.get(`${conversationId} ${userId}`)?.has(seq))
  );
  const kept = [...recalled].filter((key) => {
    const [id, seq] = key.split(" ");
    return talks.find((talk) => talk.id === id)!.log.some(({ kind, seq: own, content }) =>
      (kind === "message" && own === Number(seq) && content.type !== "recalled") ||
      (kind === "message.edited" && content.target === Number(seq) &&
        (content.content as { type: string }).type !== "recalled")
    );
  });
  return [
    ...lostSends.map((one) => `P1: acked "${one.text}" is not at ${place(one.conversationId, one.seq)}`),
    ...unsent.map(([, { texts }]) => `P1: "${texts[0]}" was neither stored nor refused`),
    ...lostChanges.map((one) => `P1: acked ${one.kind} is not at ${place(one.conversationId, one.seq!)}`),
    ...lostHides.map((one) => `P1: acked deletion is lost at ${place(one.conversationId, one.seqs[0])}`),
    ...kept.map((key) => `P1: acked recall left text at ${key}`),
  ];
}

/** P2: seqs from 1 without a hole, message numbers that count messages, times that never run backwards. */
function oneOrder(talks: Talk[]): string[] {
  return talks.flatMap(({ id, log }) => {
    const hole = log.findIndex(({ seq }, index) => seq !== index + 1);
    if (hole >= 0) return [`P2: the log of ${id} has ${log[hole].seq} at place ${hole + 1}`];
    let [messageNo, at] = [0, 0];
    return log.flatMap((entry) => {
      if (entry.kind === "message") messageNo += 1;
      const wrong = entry.messageNo !== messageNo || entry.at < at;
      at = entry.at;
      return wrong ? [`P2: ${id}#${entry.seq} has message number ${entry.messageNo}, not ${messageNo}`] : [];
    });
  });
}

/** P2 and P5: the counters and the members kept beside a log say what the log says. */
async function counters({ storage }: World, talks: Talk[]): Promise<string[]> {
  const heads = await storage.all<Row & { conversation_id: number; last_seq: number }>(
    "SELECT conversation_id, last_seq FROM heads",
  );
  const members = await storage.all<
    Row & { conversation_id: number; user_id: number; first_seq: number; left_seq: number | null }
  >("SELECT conversation_id, user_id, first_seq, left_seq FROM members");
  return talks.flatMap((talk) => {
    const head = heads.find((row) => String(row.conversation_id) === talk.id);
    const rows = members.filter((row) => String(row.conversation_id) === talk.id);
    const said = [...talk.stays].map(([user, stays]) => [user, stays.at(-1)!.from, stays.at(-1)!.to].join());
    const kept = rows.map((row) => [row.user_id, row.first_seq, row.left_seq].join());
    return [
      ...(head?.last_seq === talk.log.length ? [] : [`P2: the head of ${talk.id} is not its log's end`]),
      ...(said.sort().join(" ") === kept.sort().join(" ")
        ? []
        : [`P5: the members of ${talk.id} are ${kept.join(" ")}, by its log ${said.join(" ")}`]),
    ];
  });
}

/** P3: a clientId is stored once, with what was sent under it, and every answer to it gave the same seq. */
function noDuplicate({ history }: World, talks: Talk[]): string[] {
  const broken: string[] = [];
  for (const { id, log } of talks) {
    const stored = new Map<string, number>();
    for (const { seq, kind, senderId, clientId, content } of log) {
      if (kind !== "message") continue;
      const sent = history.sends.get(clientId);
      const text = textOf(content);
      const same = sent?.userId === senderId && sent.conversationId === id &&
        (text === "(recalled)" || sent.texts.includes(text));
      if (!same) broken.push(`P3: nobody sent what is stored at ${id}#${seq}: ${text}`);
      if (stored.has(clientId)) {
        broken.push(`P3: "${text}" is stored twice in ${id}, at ${stored.get(clientId)} and ${seq}`);
      }
      stored.set(clientId, seq);
    }
  }
  const first = new Map<string, { seq: number; text: string }>();
  for (const { clientId, seq, text } of history.ackedSends) {
    const before = first.get(clientId) ?? { seq, text };
    if (before.seq !== seq) broken.push(`P3: "${text}" was acked as ${before.seq} and as ${seq}`);
    if (before.text !== text) broken.push(`P3: "${before.text}" and "${text}" were acked under one clientId`);
    first.set(clientId, before);
  }
  return broken;
}

/** P5: everybody who wrote something was in the conversation then. */
function noIntruder(talks: Talk[]): string[] {
  return talks.flatMap((talk) =>
    talk.log.filter(({ seq, senderId }) => !wasThere(talk, senderId, seq))
      .map(({ seq, kind }) => `P5: ${talk.id}#${seq} (${kind}) is by somebody who is not in it`)
  );
}

/** P5: nothing was put on a socket of somebody who was not in the conversation then. */
function noStranger({ history, trace }: World, talks: Talk[]): string[] {
  const broken: string[] = [];
  for (const [userId, conversations] of history.exposed) {
    for (const [id, seqs] of conversations) {
      const talk = talks.find((talk) => talk.id === id);
      const strange = [...seqs].filter(([seq]) => !talk || !wasThere(talk, userId, seq));
      if (strange.length > 0) {
        broken.push(
          `P5: ${trace.nameOf(userId)} was given ${strange.map((one) => one.join(" by "))} of ${
            trace.nameOf(id)
          }`,
        );
      }
    }
  }
  return broken;
}

/** P4: a device knows exactly the conversations its user is in, and has a view of each. */
function sameConversations(device: Device, talks: Talk[]): string[] {
  const should = talks.filter((talk) => currentStay(talk, device.userId)).map(({ id }) => id).sort();
  const does = [...device.views.keys()].sort();
  return should.join() === does.join()
    ? []
    : [`P4: ${device.name} shows conversations ${does}, and its user is in ${should}`];
}

/** P4: every view is the log, with everything folded in. */
function sameMessages(
  { trace }: World,
  device: Device,
  talks: Talk[],
  seenBy: (talk: Talk, userId: string) => Seen[] | undefined,
): string[] {
  return [...device.views].flatMap(([id, view]) => {
    const talk = talks.find((talk) => talk.id === id);
    const should = (talk && seenBy(talk, device.userId)) ?? [];
    const does = view.messages.map((message) => seenIn(message));
    const at = Array.from({ length: Math.max(should.length, does.length) }, (_, index) => index)
      .find((index) => JSON.stringify(should[index]) !== JSON.stringify(does[index]));
    // What was refused (they were out of the group, say) waits for a person to decide.
    const unsent = view.pending.filter(({ state }) => state === "sending");
    if (at === undefined && unsent.length === 0) return [];
    const what = at === undefined
      ? `has not sent ${JSON.stringify(unsent[0])}`
      : `shows ${JSON.stringify(does[at])} for ${JSON.stringify(should[at])}`;
    return [`P4: ${device.name} in ${trace.nameOf(id)} (to ${view.lastSeq} of ${talk?.log.length}) ${what}`];
  });
}

function seenIn(message: ConversationView["messages"][number]): Seen {
  const { seq, senderId, content, edits, editedAt, recalledBy, pinnedAt, reactions } = message;
  return {
    seq,
    senderId,
    text: textOf(content),
    edits,
    editedAt: editedAt ?? null,
    recalledBy: recalledBy ?? null,
    pinnedAt: pinnedAt ?? null,
    reactions: reactions.map((one) => reactionText(one.emoji, one.count, one.mine)).sort(),
  };
}

/** P4: the list of conversations, kept by what changed, is the one that is asked for anew; markers count right. */
function sameHeads({ devices, history }: World, fresh: readonly Device[], talks: Talk[]): string[] {
  const told = ({ lastSeq, readSeq, unread, role, memberCount, title, settings }: Conversation) =>
    JSON.stringify({ lastSeq, readSeq, unread, role, memberCount, title, settings });
  return fresh.flatMap((device) => {
    const { userId } = device;
    const others = devices.filter((other) => other.userId === userId);
    return [...device.heads].flatMap(([id, head]) => {
      const talk = talks.find((talk) => talk.id === id)!;
      const acked = history.ackedReads.filter((read) => read.userId === userId && read.conversationId === id);
      const least = Math.max(0, ...acked.map(({ readSeq }) => readSeq));
      const unread = unreadAfter(talk, userId, head.readSeq);
      return [
        ...(head.lastSeq === talk.log.length
          ? []
          : [`P4: ${device.name} is told ${id} ends at ${head.lastSeq}`]),
        ...(head.readSeq >= least
          ? []
          : [`P1: ${device.name} had read ${id} to ${least}, not ${head.readSeq}`]),
        ...(head.unread === unread
          ? []
          : [`P4: ${device.name} has ${unread} unread, is told ${head.unread}`]),
        ...others.filter((other) => told(other.heads.get(id) ?? head) !== told(head)).map((other) =>
          `P4: ${other.name} believes of ${id} ${told(other.heads.get(id)!)}, and it is ${told(head)}`
        ),
      ];
    });
  });
}
