import { useState } from "preact/hooks";
import type { Chat } from "../state/chat.ts";
import { text } from "../state/settings.ts";
import { dayName } from "../state/time.ts";
import { lazy } from "./lazy.tsx";

const DateDialog = lazy(() => import("./date_dialog.tsx").then((module) => module.DateDialog));

/** The day of what follows, and the way to another one. */
export function DayLine({ chat, at }: { chat: Chat; at: number }) {
  const [chooses, setChooses] = useState(false);
  return (
    <div class="day">
      <button type="button" title={text.value.goToDate} onClick={() => setChooses(true)}>
        {dayName(at)}
      </button>
      {chooses && <DateDialog chat={chat} at={at} onClose={() => setChooses(false)} />}
    </div>
  );
}
