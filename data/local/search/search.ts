import { ImError } from "../../../wire/errors.ts";
import type { Entry, SearchHit, SearchRequest, SearchResponse } from "../../service.ts";
import type { Row, Storage } from "../../sql/driver.ts";
import { isVisible, messagesAt } from "../reading.ts";
import type { MemberRow } from "../members.ts";
import { match } from "./content.ts";
import type { Place, SearchIndex, Wanted } from "./index.ts";
import type { Indexer } from "./indexer.ts";
import { parseQuery } from "./query.ts";

export interface SearchParts {
  /** Reads of the logs. */
  db: Storage;
  index: SearchIndex;
  indexer: Pick<Indexer, "catchUp">;
}

/** A search begins by indexing what was just said, for so long. */
const CATCH_UP_MS = 200;
/** After so long a page is given as it is. */
const PAGE_MS = 500;
/** So many candidates are asked for together. */
const AT_A_TIME = 100;

/** Finds messages (proto/search.proto): candidates from the index, the newest first, each looked at as the asker sees it. */
export async function searchMessages(parts: SearchParts, request: SearchRequest): Promise<SearchResponse> {
  const { terms, needed } = parseQuery(request.query);
  const members = await membersOf(parts.db, request);
  const complete = await parts.indexer.catchUp(CATCH_UP_MS);
  if (members.size === 0) return { hits: [], next: undefined, complete };
  const wanted = toWanted(request, needed, members);
  const until = performance.now() + PAGE_MS;
  const hits: SearchHit[] = [];
  let before: Place | undefined = request.before;
  for (;;) {
    const { places, next: resume } = await parts.index.find(wanted, before, AT_A_TIME);
    for (let at = 0; at < places.length; at += request.limit) {
      const part = places.slice(at, at + request.limit);
      const entries = await visible(parts.db, members, part);
      for (const place of part) {
        const entry = entries.get(keyOf(place));
        const highlights = entry && match(contentOf(entry), terms);
        if (highlights) hits.push({ conversationId: place.conversationId, entry, highlights });
        if (hits.length === request.limit) return { hits, next: place, complete };
      }
    }
    before = resume;
    if (!before || performance.now() >= until) return { hits, next: before, complete };
  }
}

type Member = MemberRow & { last_seq: number };

/** Where the asker is or was, or the one conversation that is named. */
async function membersOf(
  db: Storage,
  { userId, conversationId }: SearchRequest,
): Promise<Map<number, Member>> {
  const one = conversationId === undefined ? "" : "AND m.conversation_id = ?";
  const rows = await db.all<Member & Row>(
    `SELECT m.conversation_id, m.user_id, m.role, m.can_send, m.joined_at, m.first_seq, m.left_seq, h.last_seq
     FROM members m JOIN heads h ON h.conversation_id = m.conversation_id WHERE m.user_id = ? ${one}`,
    [userId, ...(conversationId === undefined ? [] : [conversationId])],
  );
  if (conversationId !== undefined && rows.length === 0) throw new ImError("conversation_not_found");
  return new Map(rows.map((row) => [row.conversation_id, row]));
}

function toWanted(
  { userId, senderId, types, from = 0, to = Number.MAX_SAFE_INTEGER }: SearchRequest,
  needed: ReadonlySet<string>,
  members: ReadonlyMap<number, Member>,
): Wanted {
  const size = [...members.values()].reduce((sum, member) => sum + member.last_seq, 0);
  return {
    words: [...needed],
    userId,
    conversationIds: [...members.keys()],
    size,
    senderId,
    types,
    from,
    to,
  };
}

/** What of these places the asker sees, each as it is for them. */
async function visible(
  db: Storage,
  members: ReadonlyMap<number, Member>,
  places: readonly Place[],
): Promise<Map<string, Entry>> {
  const seqs = new Map<Member, number[]>();
  for (const { conversationId, seq } of places) {
    const member = members.get(conversationId);
    if (!member || !isVisible(member, seq)) continue;
    const there = seqs.get(member);
    if (there) there.push(seq);
    else seqs.set(member, [seq]);
  }
  const parts = await Promise.all([...seqs].map(async ([member, seqs]) => {
    const entries = await messagesAt(db, member, seqs);
    const { conversation_id: conversationId } = member;
    return entries.map((entry): [string, Entry] => [keyOf({ conversationId, seq: entry.seq }), entry]);
  }));
  return new Map(parts.flat());
}

const keyOf = ({ conversationId, seq }: { conversationId: number; seq: number }) =>
  `${conversationId}:${seq}`;

/** Nothing of what is recalled or hidden can match: their contents have no words. */
const contentOf = ({ body, state }: Entry) => (state && JSON.parse(state).content) ?? JSON.parse(body);
