/** What the people of a world asked for, what they were answered, and what was put on their sockets. */

export interface Asked {
  userId: string;
  conversationId: string;
  /** More than one where other words were sent under the same clientId: then one of them may be taken. */
  texts: string[];
  /** The device whose outbox has it: it is sent, however long that takes, or refused. */
  writer?: { outbox: { items(conversationId: string): { clientId: string }[] } };
}

/** A change of a message that was answered; `seq` of the entry that records it, null where nothing changed. */
export interface AckedChange {
  userId: string;
  conversationId: string;
  kind: string;
  target: number;
  /** The new text or the emoji. */
  detail: string;
  seq: number | null;
}

export interface AckedSend {
  userId: string;
  conversationId: string;
  text: string;
  clientId: string;
  seq: number;
}

export class History {
  /** Sends by clientId: every try, whatever became of it. */
  readonly sends = new Map<string, Asked>();
  readonly ackedSends: AckedSend[] = [];
  readonly ackedChanges: AckedChange[] = [];
  readonly ackedHides: { userId: string; conversationId: string; seqs: number[] }[] = [];
  readonly ackedReads: { userId: string; conversationId: string; readSeq: number }[] = [];
  /** By user and conversation, the seqs of all entries that any socket of the user was given, and by what. */
  readonly exposed = new Map<string, Map<string, Map<number, string>>>();
  /** A promise broken while things ran. */
  readonly broken: string[] = [];

  /** A look at the frames of one socket of a user. */
  tap(userId: string): { toServer(frame: string): void; toClient(frame: string): void } {
    const calls = new Map<unknown, { method: string; params: { conversationId?: string } }>();
    return {
      toServer: (frame) => {
        const { id, method, params } = JSON.parse(frame);
        calls.set(id, { method, params });
      },
      toClient: (frame) => {
        const messages = JSON.parse(frame);
        for (const { id, method, params, result } of Array.isArray(messages) ? messages : [messages]) {
          if (method === "log.append") this.#expose(userId, params.conversationId, params.entries, method);
          const call = calls.get(id);
          // message.get
          if (call && result?.kind === "message") {
            this.#expose(userId, call.params.conversationId!, [result], call.method);
          } else if (call && result) this.#answer(userId, call.method, call.params.conversationId, result);
        }
      },
    };
  }

  #answer(userId: string, method: string, conversationId: string | undefined, result: Answer): void {
    const entries = result.entries ?? result.messages;
    if (conversationId && entries && method !== "inbox.read") {
      this.#expose(userId, conversationId, entries, method);
    }
    for (const { id, lastMessage } of result.conversations ?? (result.lastMessage ? [result] : [])) {
      if (lastMessage) this.#expose(userId, id!, [lastMessage], method);
    }
  }

  #expose(userId: string, conversationId: string, entries: readonly { seq: number }[], by: string): void {
    let conversations = this.exposed.get(userId);
    if (!conversations) this.exposed.set(userId, conversations = new Map());
    let seqs = conversations.get(conversationId);
    if (!seqs) conversations.set(conversationId, seqs = new Map());
    for (const { seq } of entries) if (!seqs.has(seq)) seqs.set(seq, by);
  }
}

interface Answer {
  id?: string;
  entries?: { seq: number }[];
  messages?: { seq: number }[];
  lastMessage?: { seq: number } | null;
  conversations?: Answer[];
}
