import type { Signal } from "@preact/signals";
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { ImError } from "../../sdk/mod.ts";
import type { Chat } from "../state/chat.ts";
import { eventText } from "../state/naming.ts";
import { pendingIn } from "../state/outgoing.ts";
import { me } from "../state/people.ts";
import { text } from "../state/settings.ts";
import { type Line, timeline } from "../state/timeline.ts";
import { DayLine } from "./day_line.tsx";
import { Message } from "./message.tsx";
import { NewestButton } from "./newest_button.tsx";
import { Loading, Notice } from "./notice.tsx";
import { PendingMessage } from "./pending_message.tsx";
import { useMessageKeys } from "./use_message_keys.ts";
import { useStick } from "./use_stick.ts";

/** How long a message that was gone to is marked. */
const FLASH_MS = 2_000;

interface MessageListProps {
  chat: Chat;
  isGroup: boolean;
  atBottom: Signal<boolean>;
}

/** The part of the conversation that the chat holds; what is beyond comes when the reader comes near. */
export function MessageList({ chat, isGroup, atBottom }: MessageListProps) {
  const list = useRef<HTMLDivElement>(null);
  const lines = useLines(chat);
  const isNewest = chat.newer.value === "none";
  const { toEnd, toRow } = useStick(list, { rows: lines, isNewest, atBottom });
  const flashed = useTarget(chat, list, lines, toRow);
  useMessageKeys(chat, list, lines);
  // Whoever says something wants to see it.
  const said = pendingIn(chat.id).at(-1)?.clientId;
  const toNewest = () => chat.toNewest().then(() => requestAnimationFrame(toEnd), () => {});
  useLayoutEffect(() => {
    if (said) void toNewest();
  }, [said]);
  return (
    <div class="messages-frame">
      <div class="messages" ref={list} tabIndex={0} role="region" aria-label={text.value.messages}>
        <Top chat={chat} />
        {lines.length === 0 && <Notice title={text.value.emptyChat} hint={text.value.emptyChatHint} />}
        <ol class={`lines ${isGroup ? "in-group" : ""}`} data-testid="messages">
          {daysOf(lines).map(({ key, at, lines }) => (
            <li key={key} class="day-part">
              <DayLine chat={chat} at={at} />
              <ol class="day-lines">
                {lines.map((line) => (
                  <LineView key={line.key} chat={chat} line={line} isGroup={isGroup} flashed={flashed} />
                ))}
              </ol>
            </li>
          ))}
        </ol>
        {!isNewest && <Edge pages={chat.newer.value} load={() => chat.loadNewer()} side="bottom" />}
      </div>
      {!atBottom.value && <NewestButton chat={chat} onClick={toNewest} />}
    </div>
  );
}

interface Day {
  key: string;
  at: number;
  lines: Line[];
}

/** Each day by itself, so that its name stays in view as long as one reads in it. */
function daysOf(lines: readonly Line[]): Day[] {
  const days: Day[] = [];
  for (const line of lines) {
    if (line.kind === "day") days.push({ key: line.key, at: line.at, lines: [] });
    else days.at(-1)?.lines.push(line);
  }
  return days;
}

function useLines(chat: Chat): Line[] {
  const [messages, events, quotes] = [chat.messages.value, chat.events.value, chat.quotes.value];
  const isNewest = chat.newer.value === "none";
  const unsent = pendingIn(chat.id);
  // Where the window ends before the newest, what is on its way has no place in it.
  const pending = useMemo(() => isNewest ? unsent : [], [isNewest, unsent]);
  const myId = me.value?.id ?? "";
  const after = chat.unreadAfter.value;
  // Above the window is more that is new: the line would stand in the wrong place.
  const begins = chat.older.value === "none" || after === null || messages[0]?.seq <= after;
  const unreadAfter = begins ? after : null;
  return useMemo(
    () => timeline({ messages, events, pending, myId, quotes, unreadAfter }),
    [messages, events, pending, myId, quotes, unreadAfter],
  );
}

/** Goes to what the chat wants to be seen, once it is there. Answers the seq of the message that is marked for a moment. */
function useTarget(
  chat: Chat,
  list: { current: HTMLElement | null },
  lines: Line[],
  toRow: (row: HTMLElement, where: "start" | "center") => void,
): number | undefined {
  const [flashed, setFlashed] = useState<number>();
  const target = chat.target.value;
  useLayoutEffect(() => {
    if (!target || !list.current) return;
    const rows = [...list.current.querySelectorAll<HTMLElement>("[data-seq]")];
    // What is gone to may be no message, or deleted: then the next one is.
    const row = rows.find((one) => Number(one.dataset.seq) >= target.seq) ?? rows.at(-1);
    const line = row?.previousElementSibling;
    const unread = !target.marked && line instanceof HTMLElement && line.matches(".unread") && line;
    chat.target.value = null;
    if (!row) return;
    toRow(unread || row, target.marked ? "center" : "start");
    if (!target.marked) return;
    row.focus({ preventScroll: true });
    setFlashed(Number(row.dataset.seq));
  }, [target, lines]);
  useEffect(() => {
    if (flashed === undefined) return;
    const timer = setTimeout(() => setFlashed(undefined), FLASH_MS);
    return () => clearTimeout(timer);
  }, [flashed]);
  return flashed;
}

interface LineViewProps {
  chat: Chat;
  line: Line;
  isGroup: boolean;
  flashed: number | undefined;
}

function LineView({ chat, line, isGroup, flashed }: LineViewProps) {
  switch (line.kind) {
    case "day":
      return null;
    case "unread":
      return (
        <li class="unread" data-testid="unread-line">
          <span>{text.value.unreadFromHere}</span>
        </li>
      );
    case "event":
      return <li class="event" dir="auto" data-seq={line.entry.seq}>{eventText(line.entry)}</li>;
    case "message":
      return (
        <Message
          {...line}
          chat={chat}
          showsSender={isGroup && !line.isMine && line.startsGroup}
          highlighted={line.message.seq === flashed}
        />
      );
    case "pending":
      return <PendingMessage chat={chat} line={line} />;
  }
}

/** The beginning of the conversation, or what loads what is older. */
function Top({ chat }: { chat: Chat }) {
  const older = chat.older.value;
  if (older !== "none") return <Edge pages={older} load={() => chat.loadOlder()} side="top" />;
  const isEmpty = chat.messages.value.length + chat.events.value.length === 0;
  return isEmpty ? null : <p class="beginning">{text.value.chatBeginning}</p>;
}

interface EdgeProps {
  pages: "some" | "loading" | "none" | ImError;
  load: () => Promise<void>;
  side: "top" | "bottom";
}

/** Loads what is beyond when the reader comes near, again and again until there is more than they can see. */
function Edge({ pages, load, side }: EdgeProps) {
  const sentinel = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (!sentinel.current || pages !== "some") return;
    const rootMargin = side === "top" ? "1500px 0px 0px" : "0px 0px 1500px";
    const root = sentinel.current.closest(".messages");
    const seen = new IntersectionObserver(([{ isIntersecting }]) => isIntersecting && load(), {
      root,
      rootMargin,
    });
    seen.observe(sentinel.current);
    return () => seen.disconnect();
  }, [pages, load]);
  return (
    <div class={side} ref={sentinel}>
      {pages instanceof ImError
        ? <button type="button" class="button small" onClick={load}>{text.value.retry}</button>
        : <Loading />}
    </div>
  );
}
