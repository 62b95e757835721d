import type { ComponentChildren } from "preact";
import { useMemo } from "preact/hooks";
import { copy } from "../state/message_actions.ts";
import { me } from "../state/people.ts";
import { text } from "../state/settings.ts";
import { type Block, type Inline, parseMarkup } from "../text/markup.ts";
import { Icon } from "./icon.tsx";

interface RichWordsProps {
  words: string;
  /** How those are called who are mentioned. */
  names?: readonly string[];
}

/** Words with the few marks of text/markup.ts. Made of elements, so that what was written stays text. */
export function RichWords({ words, names = [] }: RichWordsProps) {
  const blocks = useMemo(() => parseMarkup(words, names), [words, names.join("\n")]);
  return <>{blocks.map((block, at) => <BlockView key={at} block={block} />)}</>;
}

function BlockView({ block }: { block: Block }) {
  switch (block.kind) {
    case "lines":
      return <>{inlines(block.inside)}</>;
    case "quote":
      return <blockquote class="words-quote">{inlines(block.inside)}</blockquote>;
    case "code":
      return <CodeBlock code={block.text} />;
    case "list": {
      const items = block.items.map((item, at) => <li key={at}>{inlines(item)}</li>);
      return block.isNumbered
        ? <ol class="words-list" start={block.first}>{items}</ol>
        : <ul class="words-list">{items}</ul>;
    }
  }
}

function CodeBlock({ code }: { code: string }) {
  const { copyCode } = text.value.message;
  return (
    <span class="code-block">
      <pre tabIndex={0}><code>{code}</code></pre>
      <button
        type="button"
        class="icon-button"
        aria-label={copyCode}
        title={copyCode}
        onClick={() => copy(code)}
      >
        <Icon name="copy" />
      </button>
    </span>
  );
}

function inlines(inside: readonly Inline[]): ComponentChildren {
  return inside.map((one, key) => <InlineView key={key} one={one} />);
}

function InlineView({ one }: { one: Inline }) {
  switch (one.kind) {
    case "text":
      return <>{one.text}</>;
    case "bold":
      return <strong>{inlines(one.inside)}</strong>;
    case "italic":
      return <em>{inlines(one.inside)}</em>;
    case "struck":
      return <s>{inlines(one.inside)}</s>;
    case "code":
      return <code>{one.text}</code>;
    case "mention":
      return (
        <strong class={one.text === `@${me.value?.displayName}` ? "mention me" : "mention"}>
          {one.text}
        </strong>
      );
    case "link":
      return <a class="link" href={one.href} target="_blank" rel="noopener noreferrer nofollow">{one.text}
      </a>;
  }
}
