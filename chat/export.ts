import type { BlobStore } from "../blobs/store.ts";
import { type Data, RelationState } from "../data/service.ts";
import { ImError } from "../wire/mod.ts";
import type { Download } from "./download.ts";
import type { Handlers } from "./handlers.ts";
import { present } from "./conversations.ts";
import { presentEntry, presentInboxEntry, presentSelf } from "./present.ts";
import { presentFile } from "./present_file.ts";
import { zip, type ZipEntry } from "./zip.ts";

/** Entries read at once. */
const PAGE = 200;
const RELATIONS = {
  friends: RelationState.RELATION_FRIENDS,
  requested: RelationState.RELATION_REQUESTED,
  invited: RelationState.RELATION_INVITED,
  blocked: RelationState.RELATION_BLOCKED,
} as const;

type Lines = AsyncIterable<unknown[]>;

/**
 * All that is kept of a person, as one archive. It is read page by page while it is sent, as fast as its reader takes
 * it; what happens meanwhile may be in it or not.
 */
export function createExport(
  { data, blobs }: { data: Data; blobs: BlobStore | null },
): Handlers<"user.export"> {
  return {
    "user.export": ({ userId }): Promise<Download> =>
      Promise.resolve({
        type: "application/zip",
        name: `imserver-${userId}.zip`,
        read: () => zip(entriesOf(userId)),
      }),
  };

  async function* entriesOf(userId: number): AsyncGenerator<ZipEntry> {
    yield json("account.json", async () => presentSelf(await data.profiles.get({ userId })));
    yield lines("sessions.jsonl", sessions(userId));
    yield lines("relations.jsonl", relations(userId));
    yield lines("inbox.jsonl", inbox(userId));
    for await (const ids of pages((afterId) => ownConversations(userId, afterId), (id) => id)) {
      for (const conversationId of ids) {
        const folder = `conversations/${conversationId}`;
        yield json(`${folder}/conversation.json`, () => conversation(userId, conversationId));
        yield lines(`${folder}/entries.jsonl`, log(userId, conversationId));
      }
    }
    if (blobs) yield* files(userId, blobs);
  }

  async function* sessions(userId: number): Lines {
    yield (await data.sessions.list({ userId })).sessions.map(({ id, userId: _, ...session }) => {
      return { id: String(id), ...session };
    });
  }

  async function* relations(userId: number): Lines {
    for (const [name, state] of Object.entries(RELATIONS)) {
      const read = async (afterId: number) =>
        (await data.relations.list({ userId, state, afterId, limit: PAGE })).relations;
      for await (const page of pages(read, ({ otherId }) => otherId)) {
        yield page.map(({ otherId, note, at, remark, tags }) => ({
          userId: String(otherId),
          state: name,
          note,
          at,
          remark,
          tags,
        }));
      }
    }
  }

  async function* inbox(userId: number): Lines {
    const read = async (after: number) => (await data.inboxes.read({ userId, after, limit: PAGE })).entries;
    for await (const page of pages(read, ({ seq }) => seq)) {
      yield page.map((entry) => presentInboxEntry(entry, { userId }));
    }
  }

  async function* log(userId: number, conversationId: number): Lines {
    const read = async (after: number) =>
      (await data.log.read({ conversationId, userId, after, limit: PAGE })).entries;
    for await (const page of pages(read, ({ seq }) => seq)) yield page.map(presentEntry);
  }

  async function ownConversations(userId: number, afterId: number): Promise<number[]> {
    return (await data.profiles.conversations({ userId, afterId, limit: PAGE })).ids;
  }

  /** As they see it; of one they have left there is only what they may read. */
  async function conversation(userId: number, conversationId: number): Promise<unknown> {
    try {
      return (await present(data, [await data.conversations.get({ conversationId, userId })], {}))[0];
    } catch (error) {
      if (!(error instanceof ImError && error.code === "conversation_not_found")) throw error;
      return { id: String(conversationId), left: true };
    }
  }

  async function* files(userId: number, blobs: BlobStore): AsyncGenerator<ZipEntry> {
    const read = async (afterId: number) => (await data.files.listOf({ userId, afterId, limit: PAGE })).files;
    for await (const page of pages(read, ({ id }) => id)) {
      for (const file of page) {
        yield json(`files/${file.id}.json`, () => Promise.resolve(presentFile(file)));
        const bytes = () => blobs.read(file.key, 0, file.size);
        // The name is its owner's: it must not lead out of the folder it is unpacked to.
        yield { name: `files/${file.id}/${safe(file.name)}`, stored: true, read: bytes };
      }
    }
  }
}

const encoder = new TextEncoder();
const safe = (name: string) =>
  name.replace(/[^\p{L}\p{M}\p{N} ._-]/gu, "_").replace(/^\.+/, "_").slice(0, 100) || "_";

function json(name: string, value: () => Promise<unknown>): ZipEntry {
  return {
    name,
    async *read() {
      yield encoder.encode(`${JSON.stringify(await value(), null, 2)}\n`);
    },
  };
}

function lines(name: string, rows: Lines): ZipEntry {
  return {
    name,
    async *read() {
      for await (const page of rows) {
        yield encoder.encode(page.map((row) => `${JSON.stringify(row)}\n`).join(""));
      }
    },
  };
}

/** Page after page, each after the last row of the one before. */
async function* pages<T>(
  read: (after: number) => Promise<T[]>,
  place: (row: T) => number,
): AsyncGenerator<T[]> {
  for (let after = 0;;) {
    const page = await read(after);
    if (page.length === 0) return;
    yield page;
    after = place(page[page.length - 1]);
  }
}
