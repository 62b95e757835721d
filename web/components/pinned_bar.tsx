import { useEffect, useState } from "preact/hooks";
import { toViewMessage, type ViewMessage } from "../../sdk/mod.ts";
import { attempt } from "../state/attempt.ts";
import type { Chat } from "../state/chat.ts";
import { messageLine } from "../state/naming.ts";
import { me } from "../state/people.ts";
import { client, online } from "../state/server.ts";
import { text } from "../state/settings.ts";
import { Icon } from "./icon.tsx";

const isPin = (kind: string) => ["message.pinned", "message.unpinned", "message.recalled"].includes(kind);

/** What is pinned in a chat, the last first: a press goes to it, and shows the one before. */
export function PinnedBar({ chat }: { chat: Chat }) {
  const pins = usePins(chat);
  const [at, setAt] = useState(0);
  if (pins.length === 0) return null;
  const shown = Math.min(at, pins.length - 1);
  const message = pins[shown];
  const words = text.value.message;
  const go = () => {
    setAt((shown + 1) % pins.length);
    void attempt(() => chat.jumpTo(message.seq));
  };
  return (
    <button type="button" class="pinned-bar" onClick={go} data-testid="pinned-bar">
      <Icon name="pin" />
      <span class="pinned-text">
        <strong>{pins.length === 1 ? words.pinnedMessage : words.pinnedOf(shown + 1, pins.length)}</strong>
        <span class="muted" dir="auto">{messageLine(message)}</span>
      </span>
    </button>
  );
}

function usePins(chat: Chat): readonly ViewMessage[] {
  const [pins, setPins] = useState<readonly ViewMessage[]>([]);
  const isOnline = online.value;
  useEffect(() => {
    if (!isOnline) return;
    const stop = new AbortController();
    const load = async () => {
      try {
        const { messages } = await client.call("message.pins", { conversationId: chat.id }, {
          signal: stop.signal,
        });
        setPins(messages.map((one) => toViewMessage(one, me.peek()?.id ?? "")));
      } catch {
        // The bar is a help: the next change asks again.
      }
    };
    void load();
    const off = client.on("log.append", ({ conversationId, entries }) => {
      if (conversationId === chat.id && entries.some(({ kind }) => isPin(kind))) void load();
    });
    return () => {
      stop.abort();
      off();
    };
  }, [chat, isOnline]);
  return pins;
}
