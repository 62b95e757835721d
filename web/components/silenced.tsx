import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { Conversation } from "../../sdk/mod.ts";
import { attempt } from "../state/attempt.ts";
import { act } from "../state/friends.ts";
import { relations } from "../state/relations.ts";
import { text } from "../state/settings.ts";
import { momentTime } from "../state/time.ts";
import { Icon } from "./icon.tsx";

interface SilencedProps {
  conversation: Conversation;
  /** Where one writes, if one may. */
  children: ComponentChildren;
}

/** As `setTimeout` counts; who is muted for longer hears the end of it from the server. */
const LONGEST_MS = 2 ** 31 - 1;

/** Says why one may not write here, in place of where one would. */
export function Silenced({ conversation, children }: SilencedProps) {
  const { role, onlyAdminsWrite, mutedUntil, peer } = conversation;
  const [, look] = useState(0);
  const left = (mutedUntil ?? 0) - Date.now();
  useEffect(() => {
    if (left <= 0 || left > LONGEST_MS) return;
    const timer = setTimeout(() => look(Date.now()), left + 1);
    return () => clearTimeout(timer);
  }, [mutedUntil]);
  const words = text.value.groups;
  if (peer && relations.value.get(peer.id)?.state === "blocked") {
    return (
      <Silence words={words.youBlocked}>
        <button
          type="button"
          class="button small"
          onClick={() => attempt(() => act("block.remove", peer.id))}
        >
          {text.value.contacts.unblock}
        </button>
      </Silence>
    );
  }
  if (onlyAdminsWrite && role === "member") return <Silence words={words.onlyAdminsWrite} />;
  if (left > 0) return <Silence words={words.youAreMuted(momentTime(mutedUntil ?? 0))} />;
  return <>{children}</>;
}

function Silence({ words, children }: { words: string; children?: ComponentChildren }) {
  return (
    <div class="silence" role="status" data-testid="silence">
      <Icon name="lock" />
      <p>{words}</p>
      {children}
    </div>
  );
}
