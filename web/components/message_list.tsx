import type { Signal } from "@preact/signals";
import { useEffect, useLayoutEffect, useMemo, useRef } from "preact/hooks";
import { ImError } from "../../sdk/mod.ts";
import type { Chat } from "../state/chat.ts";
import { eventText } from "../state/naming.ts";
import { pendingIn } from "../state/outgoing.ts";
import { me } from "../state/people.ts";
import { text } from "../state/settings.ts";
import { dayName } from "../state/time.ts";
import { type Line, timeline } from "../state/timeline.ts";
import { Message } from "./message.tsx";
import { NewestButton } from "./newest_button.tsx";
import { Loading, Notice } from "./notice.tsx";
import { PendingMessage } from "./pending_message.tsx";
import { useStick } from "./use_stick.ts";

interface MessageListProps {
  chat: Chat;
  isGroup: boolean;
  atBottom: Signal<boolean>;
}

export function MessageList({ chat, isGroup, atBottom }: MessageListProps) {
  const list = useRef<HTMLDivElement>(null);
  const messages = chat.messages.value;
  const events = chat.events.value;
  const pending = pendingIn(chat.id);
  const myId = me.value?.id ?? "";
  const lines = useMemo(() => timeline({ messages, events, pending, myId }), [
    messages,
    events,
    pending,
    myId,
  ]);
  const first = Math.min(messages[0]?.seq ?? Infinity, events[0]?.seq ?? Infinity);
  // Whoever says something wants to see it.
  const said = pending.at(-1)?.clientId;
  useLayoutEffect(() => {
    if (said) atBottom.value = true;
  }, [said]);
  const toEnd = useStick(list, { first, last: lines.at(-1)?.key, atBottom });
  return (
    <div class="messages-frame">
      <div class="messages" ref={list} tabIndex={0} role="region" aria-label={text.value.messages}>
        <Top chat={chat} first={first} />
        {lines.length === 0 && <Notice title={text.value.emptyChat} hint={text.value.emptyChatHint} />}
        <ol class={`lines ${isGroup ? "in-group" : ""}`} data-testid="messages">
          {lines.map((line) => <LineView key={line.key} line={line} isGroup={isGroup} />)}
        </ol>
      </div>
      {!atBottom.value && <NewestButton chat={chat} onClick={toEnd} />}
    </div>
  );
}

function LineView({ line, isGroup }: { line: Line; isGroup: boolean }) {
  switch (line.kind) {
    case "day":
      return (
        <li class="day">
          <span>{dayName(line.at)}</span>
        </li>
      );
    case "event":
      return <li class="event" dir="auto">{eventText(line.entry)}</li>;
    case "message":
      return <Message {...line} showsSender={isGroup && !line.isMine && line.startsGroup} />;
    case "pending":
      return <PendingMessage item={line.item} startsGroup={line.startsGroup} />;
  }
}

/** Loads what is older when the reader comes near. */
function Top({ chat, first }: { chat: Chat; first: number }) {
  const sentinel = useRef<HTMLDivElement>(null);
  const older = chat.older.value;
  useEffect(() => {
    if (!sentinel.current || older !== "some") return;
    const seen = new IntersectionObserver(([{ isIntersecting }]) => isIntersecting && chat.loadOlder(), {
      root: sentinel.current.closest(".messages"),
      rootMargin: "600px 0px 0px",
    });
    seen.observe(sentinel.current);
    return () => seen.disconnect();
  }, [older, first]);
  if (older === "none") {
    return first === Infinity ? null : <p class="beginning">{text.value.chatBeginning}</p>;
  }
  return (
    <div class="top" ref={sentinel}>
      {older instanceof ImError
        ? (
          <button type="button" class="button small" onClick={() => chat.loadOlder()}>
            {text.value.retry}
          </button>
        )
        : <Loading />}
    </div>
  );
}
