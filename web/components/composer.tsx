import { useEffect, useId, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Chat } from "../state/chat.ts";
import { compose, type Composing, composing, editableText, stopComposing } from "../state/composing.ts";
import { conversationOf } from "../state/conversations.ts";
import { draftOf, flushDraft, keepDraft } from "../state/drafts.ts";
import { pickedIn, stillPicked } from "../state/mentions.ts";
import { isMine, mayEdit } from "../state/message_actions.ts";
import { pendingIn, sayContent } from "../state/outgoing.ts";
import { client } from "../state/server.ts";
import { tell, text } from "../state/settings.ts";
import { stopTyping, wrote } from "../state/typing.ts";
import { AttachButton } from "./attach_button.tsx";
import { AttachingList } from "./attaching_list.tsx";
import { ComposeBar } from "./compose_bar.tsx";
import { EmojiButton } from "./emoji_button.tsx";
import { Icon } from "./icon.tsx";
import { MentionList } from "./mention_list.tsx";
import { type Mentionable, useMentions } from "./use_mentions.ts";
import { VoiceButton, VoiceRecorder } from "./voice_recorder.tsx";

/** As in wire/schemas.ts, in UTF-16 units. */
const MAX_LENGTH = 16_000;

export function Composer({ chat }: { chat: Chat }) {
  const input = useRef<HTMLTextAreaElement>(null);
  const [words, setWords] = useState(() => draftOf(chat.id));
  const [caret, setCaret] = useState<number | null>(null);
  const [error, setError] = useState<unknown>(null);
  const picked = useRef(new Map<string, string>());
  /** Those of the draft, while a message is edited. */
  const pickedBefore = useRef(picked.current);
  const listId = useId();
  const conversation = conversationOf(chat.id);
  const about = composing.value?.conversationId === chat.id ? composing.value : null;
  const isEdit = about?.kind === "edit";
  const mentions = useMentions(conversation, caret === null ? null : words.slice(0, caret));
  const { writeMessage, send, tooLong, message: labels } = text.value;
  // What is too long is kept whole, for its writer to shorten or divide.
  const isTooLong = words.trim().length > MAX_LENGTH;

  const write = (words: string) => {
    setWords(words);
    // An edit is no draft: what was begun before it comes back afterwards.
    if (isEdit) return;
    wrote(chat.id, words);
    keepDraft(chat.id, words);
  };
  const insert = (piece: string, from: number, to: number) => {
    write(words.slice(0, from) + piece + words.slice(to));
    requestAnimationFrame(() => {
      input.current?.focus();
      input.current?.setSelectionRange(from + piece.length, from + piece.length);
      setCaret(from + piece.length);
    });
  };
  const pick = ({ id, name }: Mentionable) => {
    picked.current.set(name, id);
    insert(`@${name} `, caret! - mentions.query!.length - 1, caret!);
  };
  const pickEmoji = (emoji: string) => {
    const { selectionStart = words.length, selectionEnd = words.length } = input.current ?? {};
    insert(emoji, selectionStart, selectionEnd);
  };
  const submit = async (event?: Event) => {
    event?.preventDefault();
    const said = words.trim();
    if (said === "" || isTooLong) return;
    try {
      // A lone surrogate, from a cut emoji, is not text that can be sent.
      await sayIt(chat.id, about, said.toWellFormed(), picked.current);
      if (!isEdit) write("");
      picked.current.clear();
      setError(null);
      stopComposing();
    } catch (error) {
      setError(error);
    }
  };
  const onKeyDown = (event: KeyboardEvent) => {
    // While an input method composes, keys belong to it; Safari ends the composition first but says 229.
    if (event.isComposing || event.keyCode === 229) return;
    const run = keyOf(event);
    if (!run) return;
    event.preventDefault();
    run();
  };
  const keyOf = ({ key, shiftKey }: KeyboardEvent): (() => void) | undefined => {
    if (mentions.found.length > 0) {
      if (key === "ArrowDown") return () => mentions.move(1);
      if (key === "ArrowUp") return () => mentions.move(-1);
      if (key === "Enter" || key === "Tab") return () => pick(mentions.found[mentions.chosen]);
      if (key === "Escape") return mentions.close;
    }
    if (key === "Enter" && !shiftKey) return () => void submit();
    if (key === "Escape" && about) return stopComposing;
    if (key === "ArrowUp" && words === "" && !about) return () => editLast(chat);
  };

  useEffect(() => {
    // On a touch screen the focus would raise the keyboard over what one came to read.
    const target = matchMedia("(pointer: fine)").matches ? input.current : input.current?.closest("main");
    target?.focus({ preventScroll: true });
  }, []);
  useEffect(() => () => {
    stopTyping(chat.id);
    flushDraft(chat.id);
    stopComposing();
  }, []);
  useLayoutEffect(() => grow(input.current), [words]);
  const begun = useRef<Composing | null>(null);
  // Before anything can be typed, or that would be lost.
  useLayoutEffect(() => {
    if (about === begun.current) return;
    const wasEdit = begun.current?.kind === "edit";
    begun.current = about;
    if (about?.kind === "edit") {
      setWords(editableText(about.message) ?? "");
      if (!wasEdit) pickedBefore.current = picked.current;
      picked.current = pickedIn(about.message.content);
    } else if (wasEdit) {
      setWords(draftOf(chat.id));
      picked.current = pickedBefore.current;
    }
    if (about) input.current?.focus();
  }, [about]);
  // Another device has written on, and nobody has here.
  const synced = conversation?.settings.draft ?? "";
  const before = useRef(synced);
  useEffect(() => {
    if (!isEdit && words === before.current && words !== synced) setWords(synced);
    before.current = synced;
  }, [synced]);

  const look = () => setCaret(input.current?.selectionStart ?? null);
  return (
    <form class="composer" onSubmit={submit}>
      {error !== null && <p class="error" role="alert">{tell(error)}</p>}
      {isTooLong && <p class="error" role="alert" id="too-long">{tooLong(MAX_LENGTH)}</p>}
      {about && <ComposeBar {...about} />}
      {mentions.found.length > 0 && (
        <MentionList id={listId} found={mentions.found} chosen={mentions.chosen} onPick={pick} />
      )}
      <AttachingList conversationId={chat.id} />
      <VoiceRecorder conversationId={chat.id} />
      <div class="composer-line">
        <AttachButton conversationId={chat.id} />
        <VoiceButton conversationId={chat.id} />
        <EmojiButton onPick={pickEmoji} />
        <textarea
          ref={input}
          rows={1}
          dir="auto"
          aria-label={writeMessage}
          placeholder={writeMessage}
          enterkeyhint="send"
          aria-invalid={isTooLong}
          aria-describedby={isTooLong ? "too-long" : undefined}
          aria-autocomplete={conversation?.type === "group" ? "list" : undefined}
          aria-controls={mentions.found.length > 0 ? listId : undefined}
          aria-activedescendant={mentions.found.length > 0 ? `${listId}-${mentions.chosen}` : undefined}
          value={words}
          onInput={(event) => {
            write(event.currentTarget.value);
            look();
          }}
          onKeyUp={look}
          onClick={look}
          onBlur={() => setCaret(null)}
          onKeyDown={onKeyDown}
        />
        <button
          type="submit"
          class="send"
          aria-label={isEdit ? labels.save : send}
          title={isEdit ? labels.save : send}
          disabled={words.trim() === "" || isTooLong}
        >
          <Icon name={isEdit ? "check" : "send"} />
        </button>
      </div>
    </form>
  );
}

/** Sends it, as an answer perhaps, or as another text of a message. Rejects when an edit fails. */
async function sayIt(
  conversationId: string,
  about: Composing | null,
  said: string,
  picked: ReadonlyMap<string, string>,
): Promise<void> {
  const mentions = stillPicked(said, picked);
  if (about?.kind !== "edit") {
    const replyTo = about?.message.seq;
    return sayContent(conversationId, {
      type: "text",
      text: said,
      ...(replyTo && { replyTo }),
      ...(mentions && { mentions }),
    });
  }
  const { seq, content: { mentions: _, ...rest } } = about.message;
  // What else it holds, like what it answers, stays.
  const content = { ...rest, type: "text" as const, text: said, ...(mentions && { mentions }) };
  await client.call("message.edit", { conversationId, seq, content });
}

/** The last message of one's own, if it can be edited. While it is on its way, there is nothing to edit, nor the one before. */
function editLast(chat: Chat): void {
  if (pendingIn(chat.id).length > 0) return;
  const message = chat.messages.peek().findLast((one) => isMine(one));
  if (message && mayEdit(message)) compose({ kind: "edit", conversationId: chat.id, message });
}

/** As high as its text; the style sheet sets the limit. */
function grow(element: HTMLTextAreaElement | null): void {
  if (!element) return;
  element.style.height = "auto";
  element.style.height = `${element.scrollHeight}px`;
}
