/**
 * Bugs as they have been made elsewhere, or nearly here, each a change of product source. bugs_test.ts makes
 * them one at a time and expects the checker to find each and to name the promise it breaks.
 */
export interface Bug {
  name: string;
  promise: "P1" | "P2" | "P3" | "P4" | "P5";
  /** Each `find` must occur in its file exactly once. */
  patches: { file: string; find: string; replace: string }[];
  /** One that has caught it; if things have changed since, others are tried after it. */
  seed: number;
  /** The mechanism that keeps this promise, switched off: what to look at first when a promise is in doubt. */
  mechanism?: boolean;
}

export const BUGS: readonly Bug[] = [
  {
    name: "a send is acked before the commit",
    promise: "P1",
    mechanism: true,
    seed: 11,
    patches: [{
      file: "data/local/log.ts",
      find: "commit: store,",
      replace: `commit: (batch: readonly AppendRequest[]) =>
        new Promise((resolve, reject) => {
          db.transaction(async (tx) => {
            resolve(await appendBatch(tx, batch, now()));
          }).catch(reject);
        }),`,
    }],
  },
  {
    name: "a change is acked, and pushed, before the commit",
    promise: "P1",
    seed: 11,
    patches: [{
      file: "data/local/log.ts",
      find: "change: (request) => db.transaction((tx) => changeMessage(tx, request, now())),",
      replace: `change: (request) =>
        new Promise((resolve, reject) => {
          db.transaction(async (tx) => {
            resolve(await changeMessage(tx, request, now()));
          }).catch(reject);
        }),`,
    }],
  },
  {
    name: "the outbox's store forgets what was written",
    promise: "P1",
    seed: 4,
    patches: [{
      file: "sdk/outbox.ts",
      find: "    this.#insert(item);\n    this.#shelf.put(item);",
      replace: "    this.#insert(item);",
    }],
  },
  {
    name: "the read marker moves back",
    promise: "P1",
    seed: 52,
    patches: [{
      file: "data/local/markers.ts",
      find: "if (readSeq <= state.read_seq) {",
      replace: "if (readSeq === state.read_seq) {",
    }],
  },
  {
    name: "a recall leaves the text of edits",
    promise: "P1",
    seed: 97,
    patches: [{
      file: "data/local/change.ts",
      find: "for (const editSeq of state.edits ?? []) {",
      replace: "for (const editSeq of [] as number[]) {",
    }],
  },
  {
    name: "seq is allocated in memory and not in the transaction",
    promise: "P2",
    mechanism: true,
    seed: 3,
    patches: [{
      file: "data/local/append.ts",
      find: "const seq = ++head.lastSeq;",
      replace: `const seq = Math.max(head.lastSeq, given.get(conversationId) ?? 0) + 1;
    given.set(conversationId, seq);
    head.lastSeq = seq;`,
    }, {
      file: "data/local/append.ts",
      find: "/** What the batch stores, gathered and written at its end. */",
      replace: "const given = new Map<number, number>();\n",
    }],
  },
  {
    name: "MAX(seq) + 1 is read before the transaction, and who comes second is ignored",
    promise: "P1",
    seed: 34,
    patches: [{
      file: "data/local/append.ts",
      find: "    readLogs(tx, requests),",
      replace: "    given,",
    }, {
      file: "data/local/append.ts",
      find: "  now: number,\n): Promise<(AppendResponse | ImError)[]> {",
      replace: "  now: number,\n  given: Map<number, LogState>,\n): Promise<(AppendResponse | ImError)[]> {",
    }, {
      file: "data/local/append.ts",
      find: "    lockHeads(tx, ids),",
      replace: `    tx.allIn<HeadRow>(
        "SELECT conversation_id, last_seq, last_message_no, last_message_seq, last_at FROM heads WHERE conversation_id IN {keys}",
        ids.map((id) => [id]),
      ),`,
    }, {
      file: "data/local/append.ts",
      find: "type Head, lockHeads, toHead",
      replace: "type Head, type HeadRow, lockHeads, toHead",
    }, {
      file: "data/local/append.ts",
      find: "async function readLogs(tx: Tx,",
      replace: 'export async function readLogs(tx: Pick<Tx, "allIn">,',
    }, {
      file: "data/local/append.ts",
      find: 'tx.insert("entries", ENTRY_COLUMNS, this.#entries),',
      replace: 'tx.insertMissing("entries", ENTRY_COLUMNS, this.#entries),',
    }, {
      file: "data/local/log.ts",
      find: "commit: store,",
      replace: `commit: async (batch: readonly AppendRequest[]) => {
        const logs = await readLogs(db, batch);
        return await db.transaction((tx) => appendBatch(tx, batch, now(), logs));
      },`,
    }, {
      file: "data/local/log.ts",
      find: 'import { appendBatch } from "./append.ts";',
      replace: 'import { appendBatch, readLogs } from "./append.ts";',
    }],
  },
  {
    name: "a client passes entries on as they come",
    promise: "P2",
    seed: 1,
    patches: [{
      file: "sdk/conversation_log.ts",
      find: "for (let entry; (entry = this.#ahead.get(this.#last + 1)); this.#last++) {",
      replace: `for (const entry of this.#ahead.values()) {
      this.#last = Math.max(this.#last, entry.seq);`,
    }, {
      file: "sdk/conversation_log.ts",
      find: "    for (const entry of entries) {\n      if (entry.seq > this.#last) this",
      replace: "    for (const entry of entries) {\n      this",
    }],
  },
  {
    name: "no look for repeats, and no unique key",
    promise: "P3",
    mechanism: true,
    seed: 1,
    patches: [{
      file: "data/local/append.ts",
      find: "const sent = sends.get(key);",
      replace: "const sent = undefined as Send | undefined;",
    }, {
      file: "data/local/append.ts",
      find: 'tx.insert("sends",',
      replace: 'tx.insertMissing("sends",',
    }],
  },
  {
    name: "repeats are not compared with what was sent",
    promise: "P3",
    seed: 6,
    patches: [{
      file: "data/local/append.ts",
      find: "if (sent.fingerprint !== fingerprint) {",
      replace: "if (sent.fingerprint === undefined) {",
    }],
  },
  {
    name: "the outbox tries again under a new clientId",
    promise: "P3",
    seed: 1,
    patches: [{
      file: "sdk/outbox.ts",
      find:
        "send: ({ clientId, content }) => this.options.send({ conversationId, clientId, content }, this.signal),",
      replace:
        "send: ({ content }) => this.options.send({ conversationId, clientId: uuidV7(), content }, this.signal),",
    }],
  },
  {
    name: "no sweep",
    promise: "P4",
    mechanism: true,
    seed: 10,
    patches: [{
      file: "chat/sweep.ts",
      find: "const lost = behind.filter((moved) => hub.isBehind(moved));",
      replace: "const lost: MovedLog[] = [];",
    }],
  },
  {
    name: "a view does not ask for what is new after a reconnect",
    promise: "P4",
    seed: 1,
    patches: [{
      file: "sdk/open_view.ts",
      find: "restart || cached?.stale ? view.restart() : view.sync()",
      replace: "restart || cached?.stale ? view.restart() : undefined",
    }],
  },
  {
    name: "a client does not look for holes",
    promise: "P4",
    seed: 12,
    patches: [{
      file: "sdk/conversation_log.ts",
      find:
        "    this.#trim();\n    if (this.#last < this.#known) this.#readSoon(this.options.graceMs ?? 80);\n  }\n\n  /** The log is",
      replace: "    this.#trim();\n  }\n\n  /** The log is",
    }],
  },
  {
    name: "a change that comes twice counts twice",
    promise: "P4",
    seed: 6,
    patches: [{
      file: "sdk/message_fold.ts",
      find: "if (entry.seq <= upTo) return;",
      replace: "if (entry.seq < 0) return;",
    }],
  },
  {
    name: "an edit does not reach the message's row",
    promise: "P4",
    seed: 3,
    patches: [{
      file: "data/local/change.ts",
      find: "  state.content = content;\n",
      replace: "",
    }],
  },
  {
    name: "one's own messages count as unread",
    promise: "P4",
    seed: 1,
    patches: [{
      file: "data/local/append.ts",
      find: "else this.#marks.set(key, [conversationId, senderId, 0, 0, 1]);",
      replace: "else this.#marks.set(key, [conversationId, senderId, 0, 0, 0]);",
    }],
  },
  {
    name: "a sync token begins when it is given, with no margin",
    promise: "P4",
    seed: 1,
    patches: [{ file: "chat/sync.ts", find: "now() - TOKEN_MARGIN_MS", replace: "now() + 100" }],
  },
  {
    name: "the hub does not listen to a group that somebody connected is added to",
    promise: "P4",
    seed: 71,
    patches: [{
      file: "chat/hub.ts",
      find: 'if (kind === "conversation.joined") letIn(online, id, seq - 1, firstSeq);\n      else if',
      replace: 'if (kind !== "conversation.joined") if',
    }],
  },
  {
    name: "stale membership: the hub ignores that somebody left",
    promise: "P5",
    mechanism: true,
    seed: 1,
    patches: [{
      file: "chat/hub.ts",
      find: "    if (online && (group.online.get(online)?.from ?? seq) <= seq) quit(online, id);",
      replace: "    void online;",
    }],
  },
  {
    name: "no check of membership where a message is appended",
    promise: "P5",
    mechanism: true,
    seed: 3,
    patches: [{
      file: "data/local/append.ts",
      find: "if (!log || !member || member.left_seq !== null) return",
      replace: "if (!log || !member) return",
    }],
  },
  {
    name: "first_seq is one too low at joining",
    promise: "P5",
    seed: 12,
    patches: [{
      file: "data/local/groups/admit.ts",
      find: "const firstSeq = history ? 1 : entry.seq;",
      replace: "const firstSeq = history ? 1 : entry.seq - 1;",
    }],
  },
  {
    name: "left_seq is one too high at leaving",
    promise: "P5",
    seed: 1,
    patches: [{
      file: "data/local/groups/part.ts",
      find: "    entry.seq,\n    conversationId,\n    userId,",
      replace: "    entry.seq + 1,\n    conversationId,\n    userId,",
    }],
  },
  {
    name: "reading ends at no leaving",
    promise: "P5",
    seed: 3,
    patches: [{
      file: "data/local/reading.ts",
      find: "const TO_LEAVING = `seq <= COALESCE(",
      replace: "const TO_LEAVING = `seq <= 1000000 + COALESCE(",
    }],
  },
  {
    name: "who connects to a gateway that lags is told what was before they joined",
    promise: "P5",
    seed: 22,
    patches: [{
      file: "chat/hub.ts",
      find: "admit(online, id, group, { from: asOf + 1, firstSeq });",
      replace: "admit(online, id, group, { from: 0, firstSeq });",
    }],
  },
  {
    name: "a gateway does not look for holes in what it hears of a group",
    promise: "P5",
    seed: 6,
    patches: [{
      file: "chat/ordered_log.ts",
      find: "if (this.#held.size === 0 && entries[0].seq - 1 === this.#lastSeq) {",
      replace: "if (this.#lastSeq !== null && entries[0].seq > this.#lastSeq) {",
    }],
  },
  {
    name: "who is taken out goes on hearing the group",
    promise: "P5",
    seed: 1,
    patches: [{
      file: "chat/membership.ts",
      find: '    case "member.removed":\n    case "member.banned":\n',
      replace: "",
    }],
  },
];
