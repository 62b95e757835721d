import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { type Chat, drafts } from "../state/chat.ts";
import { say } from "../state/outgoing.ts";
import { tell, text } from "../state/settings.ts";
import { stopTyping, wrote } from "../state/typing.ts";
import { AttachButton } from "./attach_button.tsx";
import { AttachingList } from "./attaching_list.tsx";
import { Icon } from "./icon.tsx";
import { VoiceButton, VoiceRecorder } from "./voice_recorder.tsx";

/** As in wire/schemas.ts, in UTF-16 units. */
const MAX_LENGTH = 16_000;

export function Composer({ chat }: { chat: Chat }) {
  const input = useRef<HTMLTextAreaElement>(null);
  const [words, setWords] = useState(drafts.get(chat.id) ?? "");
  const [error, setError] = useState<unknown>(null);
  const { writeMessage, send, tooLong } = text.value;
  // What is too long is kept whole, for its writer to shorten or divide.
  const isTooLong = words.trim().length > MAX_LENGTH;

  const write = (words: string) => {
    setWords(words);
    wrote(chat.id, words);
    if (words === "") drafts.delete(chat.id);
    else drafts.set(chat.id, words);
  };
  const submit = (event?: Event) => {
    event?.preventDefault();
    const said = words.trim();
    if (said === "" || isTooLong) return;
    try {
      // A lone surrogate, from a cut emoji, is not text that can be sent.
      say(chat.id, said.toWellFormed());
      write("");
      setError(null);
    } catch (error) {
      setError(error);
    }
  };
  const onKeyDown = (event: KeyboardEvent) => {
    // While an input method composes, Enter belongs to it; Safari ends the composition first but says 229.
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
    event.preventDefault();
    submit();
  };

  useEffect(() => {
    // On a touch screen the focus would raise the keyboard over what one came to read.
    const target = matchMedia("(pointer: fine)").matches ? input.current : input.current?.closest("main");
    target?.focus({ preventScroll: true });
  }, []);
  useEffect(() => () => stopTyping(chat.id), []);
  useLayoutEffect(() => grow(input.current), [words]);

  return (
    <form class="composer" onSubmit={submit}>
      {error !== null && <p class="error" role="alert">{tell(error)}</p>}
      {isTooLong && <p class="error" role="alert" id="too-long">{tooLong(MAX_LENGTH)}</p>}
      <AttachingList conversationId={chat.id} />
      <VoiceRecorder conversationId={chat.id} />
      <div class="composer-line">
        <AttachButton conversationId={chat.id} />
        <VoiceButton conversationId={chat.id} />
        <textarea
          ref={input}
          rows={1}
          dir="auto"
          aria-label={writeMessage}
          placeholder={writeMessage}
          enterkeyhint="send"
          aria-invalid={isTooLong}
          aria-describedby={isTooLong ? "too-long" : undefined}
          value={words}
          onInput={(event) => write(event.currentTarget.value)}
          onKeyDown={onKeyDown}
        />
        <button
          type="submit"
          class="send"
          aria-label={send}
          title={send}
          disabled={words.trim() === "" || isTooLong}
        >
          <Icon name="send" />
        </button>
      </div>
    </form>
  );
}

/** As high as its text; the style sheet sets the limit. */
function grow(element: HTMLTextAreaElement | null): void {
  if (!element) return;
  element.style.height = "auto";
  element.style.height = `${element.scrollHeight}px`;
}
