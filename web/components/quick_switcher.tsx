import { useEffect, useRef, useState } from "preact/hooks";
import { conversations } from "../state/conversations.ts";
import { conversationName } from "../state/naming.ts";
import { openChat } from "../state/route.ts";
import { text } from "../state/settings.ts";
import { showsSwitcher } from "../state/switcher.ts";
import { Avatar } from "./avatar.tsx";

const MOST = 8;

/** Types a part of a name, Enter opens the chat. */
export function QuickSwitcher() {
  const dialog = useRef<HTMLDialogElement>(null);
  const [query, setQuery] = useState("");
  const [at, setAt] = useState(0);
  useEffect(() => dialog.current?.showModal(), []);
  const wanted = query.trim().toLocaleLowerCase();
  const found = conversations.value
    .filter((one) => conversationName(one).toLocaleLowerCase().includes(wanted)).slice(0, MOST);
  const chosen = Math.min(at, found.length - 1);
  const open = (id: string) => {
    dialog.current?.close();
    openChat(id);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const by = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (by !== 0) setAt((chosen + by + found.length) % Math.max(1, found.length));
    else if (event.key === "Enter" && !event.isComposing && found[chosen]) open(found[chosen].id);
    else return;
    event.preventDefault();
  };
  const { switchTo, noChatFound } = text.value;
  return (
    <dialog
      ref={dialog}
      class="dialog top switcher"
      aria-label={switchTo}
      onClose={() => showsSwitcher.value = false}
    >
      <input
        type="text"
        role="combobox"
        aria-label={switchTo}
        aria-expanded="true"
        aria-controls="switcher-list"
        aria-activedescendant={found[chosen] && `switch-${found[chosen].id}`}
        placeholder={switchTo}
        value={query}
        maxLength={64}
        onInput={(event) => {
          setQuery(event.currentTarget.value);
          setAt(0);
        }}
        onKeyDown={onKeyDown}
      />
      <div role="listbox" id="switcher-list" aria-label={switchTo}>
        {found.map((one, index) => (
          <div
            key={one.id}
            id={`switch-${one.id}`}
            class="row"
            role="option"
            aria-selected={index === chosen}
            onClick={() => open(one.id)}
          >
            <Avatar
              id={one.peer?.id ?? one.id}
              name={conversationName(one)}
              group={one.type === "group"}
              picture={one.peer?.avatar ?? one.avatar}
            />
            <bdi class="row-name">{conversationName(one)}</bdi>
          </div>
        ))}
      </div>
      {found.length === 0 && <p class="section-empty" role="status">{noChatFound}</p>}
    </dialog>
  );
}
