import { splitLinks } from "../text/links.ts";

/** Words whose addresses can be followed. Made of elements, so that what was written stays text. */
export function LinkedWords({ words }: { words: string }) {
  return (
    <>
      {splitLinks(words).map(({ text, href }, index) =>
        href === undefined
          ? text
          : (
            <a key={index} class="link" href={href} target="_blank" rel="noopener noreferrer nofollow">
              {text}
            </a>
          )
      )}
    </>
  );
}
