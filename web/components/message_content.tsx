import { pickedIn } from "../state/mentions.ts";
import { text } from "../state/settings.ts";
import { type ContentLike, shownContent } from "../text/content_text.ts";
import { mediaOf } from "../text/media_content.ts";
import { Icon } from "./icon.tsx";
import { MediaView } from "./media_view.tsx";
import { RichWords } from "./rich_words.tsx";

/** What is in a bubble: words, or what was sent by its name. */
export function MessageContent({ content }: { content: ContentLike }) {
  const { mark, words, caption, lines, isNote } = shownContent(content, text.value);
  const media = mediaOf(content);
  const names = [...pickedIn(content).keys()];
  return (
    <>
      {mark && mark !== "card" && <span class="hidden">{text.value.marks[mark]}</span>}
      <span
        class={`words ${isNote ? "note" : ""} ${mark ? "marked" : ""}`}
        dir="auto"
        data-testid="message-text"
      >
        {media ? <MediaView media={media} /> : (
          <>
            {mark && <Icon name={mark} />}
            <RichWords words={words} names={names} />
          </>
        )}
      </span>
      {caption && (
        <span class="words caption" dir="auto">
          <RichWords words={caption} names={names} />
        </span>
      )}
      {lines?.map((line, index) => <span key={index} class="merged-line" dir="auto">{line}</span>)}
    </>
  );
}
