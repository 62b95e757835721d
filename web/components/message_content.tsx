import { text } from "../state/settings.ts";
import { type ContentLike, shownContent } from "../text/content_text.ts";
import { mediaOf } from "../text/media_content.ts";
import { Icon } from "./icon.tsx";
import { LinkedWords } from "./linked_words.tsx";
import { MediaView } from "./media_view.tsx";

/** What is in a bubble: words, or what was sent by its name. */
export function MessageContent({ content }: { content: ContentLike }) {
  const { mark, words, caption, lines, isNote } = shownContent(content, text.value);
  const media = mediaOf(content);
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
            <LinkedWords words={words} />
          </>
        )}
      </span>
      {caption && (
        <span class="words caption" dir="auto">
          <LinkedWords words={caption} />
        </span>
      )}
      {lines?.map((line, index) => <span key={index} class="merged-line" dir="auto">{line}</span>)}
    </>
  );
}
