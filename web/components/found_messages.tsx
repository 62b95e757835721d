import { useRef } from "preact/hooks";
import type { Output } from "../../sdk/mod.ts";
import { conversationOf, refresh } from "../state/conversations.ts";
import { conversationName, messageLine, personName } from "../state/naming.ts";
import { me, personOf } from "../state/people.ts";
import { chatHref } from "../state/route.ts";
import { searchFilter } from "../state/search_filter.ts";
import { client } from "../state/server.ts";
import { tell, text } from "../state/settings.ts";
import { shortTime } from "../state/time.ts";
import { dayStart } from "../text/day_start.ts";
import { snippetOf } from "../text/snippet.ts";
import { Avatar } from "./avatar.tsx";
import { Failure, Loading } from "./notice.tsx";
import { SearchFilters } from "./search_filters.tsx";
import { usePages } from "./use_pages.ts";

type Hit = Output<"message.search">["hits"][number];

/** An answer may be empty while there is more: so often is it asked on before that is said. */
const MAX_EMPTY = 5;

/** Messages that have all the words, the newest first, where and of the kind that the filter says. */
export function FoundMessages({ query, onDone }: { query: string; onDone: () => void }) {
  const isComplete = useRef(true);
  const filter = searchFilter.value;
  const pages = usePages(async (cursor, signal) => {
    const { conversationId, kind, mine, from, to } = filter;
    const wanted = {
      query: query.toWellFormed(),
      ...(conversationId !== null && { conversationId }),
      ...(kind !== "" && { types: [kind] }),
      ...(mine && me.peek() && { senderId: me.peek()!.id }),
      from: dayStart(from),
      to: dayStart(to, 1),
    };
    for (let at = cursor, empty = 0;; empty++) {
      const input = { ...wanted, ...(at && { cursor: at }) };
      const { hits: items, nextCursor, complete } = await client.call("message.search", input, { signal });
      isComplete.current = complete;
      if (items.length > 0 || nextCursor === null || empty === MAX_EMPTY) return { items, nextCursor };
      at = nextCursor;
    }
  }, `${JSON.stringify(filter)} ${query}`);
  const { items, state, error, more, reload } = pages;
  const { found, messages } = text.value;
  return (
    <section aria-label={messages} data-testid="found-messages">
      <h2 class="section">{messages}</h2>
      <SearchFilters />
      {state === "loading" && <Loading />}
      {state === "failed" && items.length === 0 && <Failure message={tell(error)} onRetry={reload} />}
      {state === "ready" && items.length === 0 && <p class="section-empty">{found.none(query)}</p>}
      {state !== "loading" && !isComplete.current && <p class="section-empty">{found.incomplete}</p>}
      <ul class="rows" onClick={onDone}>
        {items.map((hit) => <HitRow key={`${hit.conversationId} ${hit.message.seq}`} hit={hit} />)}
      </ul>
      {more && <button type="button" class="button plain" onClick={more}>{text.value.loadMore}</button>}
    </section>
  );
}

function HitRow({ hit: { conversationId, message, highlights } }: { hit: Hit }) {
  const conversation = conversationOf(conversationId);
  if (!conversation) void refresh(conversationId);
  const name = conversation ? conversationName(conversation) : text.value.someone;
  const sender = message.senderId === me.value?.id ? text.value.you : personName(message.senderId);
  const picture = conversation?.peer ? personOf(conversation.peer.id)?.avatar : conversation?.avatar;
  return (
    <li>
      <a class="row" href={chatHref(conversationId, message.seq)}>
        <Avatar
          id={conversation?.peer?.id ?? conversationId}
          name={name}
          group={conversation?.type === "group"}
          picture={picture}
        />
        <span class="row-main">
          <span class="row-line">
            <bdi class="row-name">{name}</bdi>
            <time class="row-time" dateTime={new Date(message.at).toISOString()}>
              {shortTime(message.at)}
            </time>
          </span>
          <span class="found-words" dir="auto">
            {text.value.says(sender, "")}
            <Snippet message={message} highlights={highlights} />
          </span>
        </span>
      </a>
    </li>
  );
}

function Snippet({ message, highlights }: Pick<Hit, "message" | "highlights">) {
  const { content } = message;
  const inText = highlights.filter(({ field }) => field === "text");
  // Found in a file's name, say: the line that stands for it.
  if (!("text" in content) || typeof content.text !== "string" || inText.length === 0) {
    return <>{messageLine(message)}</>;
  }
  return (
    <>
      {snippetOf(content.text, inText).map(({ text, isFound }, at) =>
        isFound ? <mark key={at}>{text}</mark> : text
      )}
    </>
  );
}
