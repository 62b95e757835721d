import { client } from "../state/server.ts";
import { tell, text } from "../state/settings.ts";
import { shortTime } from "../state/time.ts";
import { personName } from "../state/naming.ts";
import { type Media, mediaOf } from "../text/media_content.ts";
import { MediaView } from "./media_view.tsx";
import { Failure, Loading, Notice } from "./notice.tsx";
import { type Page, usePages } from "./use_pages.ts";

interface Shared {
  seq: number;
  senderId: string;
  at: number;
  media: Media;
}

/** Messages in one call, calls for one page, and how much of what is looked for fills a page. */
const CALL = 200;
const MOST_CALLS = 5;
const ENOUGH = 30;

/** The pictures and files of a chat, the newest first. */
export function SharedMedia({ conversationId }: { conversationId: string }) {
  const pages = usePages((cursor, signal) => readShared(conversationId, cursor, signal), conversationId);
  const { items, state, error, more, reload } = pages;
  const words = text.value.groups;
  if (state === "loading") return <Loading />;
  if (state === "failed" && items.length === 0) return <Failure message={tell(error)} onRetry={reload} />;
  const pictures = items.filter(({ media }) => media.kind === "picture");
  const files = items.filter(({ media }) => media.kind !== "picture");
  return (
    <div class="about">
      {items.length === 0 && !more && <Notice icon="image" title={words.noMedia} />}
      {pictures.length > 0 && (
        <ul class="shared-pictures" aria-label={words.pictures}>
          {pictures.map(({ seq, media }) => (
            <li key={seq}>
              <MediaView media={media} />
            </li>
          ))}
        </ul>
      )}
      {files.length > 0 && (
        <ul class="cards" aria-label={words.files}>
          {files.map(({ seq, media, senderId, at }) => (
            <li key={seq} class="card shared-file">
              <MediaView media={media} />
              <p class="hint">{words.announcedBy(personName(senderId), shortTime(at))}</p>
            </li>
          ))}
        </ul>
      )}
      {more && <button type="button" class="button" onClick={more}>{words.olderMedia}</button>}
    </div>
  );
}

/** The log has no list of these: it is read upwards until there are enough of them, or it has been read for long enough. */
async function readShared(
  conversationId: string,
  cursor: string | undefined,
  signal: AbortSignal,
): Promise<Page<Shared>> {
  const items: Shared[] = [];
  let before = cursor === undefined ? null : Number(cursor);
  for (let calls = 0; calls < MOST_CALLS && items.length < ENOUGH; calls++) {
    const input = { conversationId, limit: CALL, ...(before !== null && { before }) };
    const { messages, nextBefore } = await client.call("message.history", input, { signal });
    items.push(
      ...messages.toReversed().flatMap(({ seq, senderId, at, content }) => {
        const media = mediaOf(content as Parameters<typeof mediaOf>[0]);
        return media ? [{ seq, senderId, at, media }] : [];
      }),
    );
    before = nextBefore;
    if (before === null) break;
  }
  return { items, nextCursor: before === null ? null : String(before) };
}
