import { text } from "../state/settings.ts";
import { type ContentLike, shownContent } from "../text/content_text.ts";
import { Icon } from "./icon.tsx";
import { LinkedWords } from "./linked_words.tsx";

/** What is in a bubble: words, or what was sent by its name. */
export function MessageContent({ content }: { content: ContentLike }) {
  const { mark, words, caption, lines, isNote, url, picture } = shownContent(content, text.value);
  return (
    <>
      {mark && mark !== "card" && <span class="hidden">{text.value.marks[mark]}</span>}
      <span
        class={`words ${isNote ? "note" : ""} ${mark ? "marked" : ""}`}
        dir="auto"
        data-testid="message-text"
      >
        {picture && url
          ? (
            <a class="picture" href={url} target="_blank" rel="noopener">
              <img
                src={picture.url}
                width={picture.width}
                height={picture.height}
                alt={words}
                loading="lazy"
              />
            </a>
          )
          : mark && <Icon name={mark} />}
        {!picture && (url ? <a href={url} download={words}>{words}</a> : <LinkedWords words={words} />)}
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
