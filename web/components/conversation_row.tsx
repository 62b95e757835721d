import type { Conversation } from "../../sdk/mod.ts";
import { configure, markRead } from "../state/conversation_settings.ts";
import { type MenuItem, openMenu } from "../state/menu.ts";
import { conversationName, preview, typingText } from "../state/naming.ts";
import { chatHref, chatId } from "../state/route.ts";
import { text } from "../state/settings.ts";
import { shortTime } from "../state/time.ts";
import { typistsIn } from "../state/typing.ts";
import { Avatar } from "./avatar.tsx";
import { Badge } from "./badge.tsx";
import { Icon } from "./icon.tsx";

export function ConversationRow({ conversation }: { conversation: Conversation }) {
  const { id, type, peer, unread, updatedAt, avatar, settings } = conversation;
  const name = conversationName(conversation);
  const isOpen = chatId.value === id;
  const onMenu = (event: MouseEvent) => openMenu(event, name, menuOf(conversation));
  const { pinned, muted, moreOf } = text.value;
  return (
    <li class="row-place">
      <a class="row" href={chatHref(id)} aria-current={isOpen ? "page" : undefined} onContextMenu={onMenu}>
        <Avatar
          id={peer?.id ?? id}
          name={name}
          group={type === "group"}
          picture={type === "group" ? avatar : peer?.avatar}
        />
        <span class="row-main">
          <span class="row-line">
            <bdi class="row-name">{name}</bdi>
            {settings.muted && <Mark icon="bellOff" label={muted} />}
            <time class="row-time" dateTime={new Date(updatedAt).toISOString()}>{shortTime(updatedAt)}</time>
          </span>
          <span class="row-line">
            <Preview conversation={conversation} isOpen={isOpen} />
            {settings.pinnedAt !== null && <Mark icon="pin" label={pinned} />}
            <Badge count={unread} quiet={settings.muted} />
          </span>
        </span>
      </a>
      <button type="button" class="icon-button row-more" aria-label={moreOf(name)} onClick={onMenu}>
        <Icon name="more" />
      </button>
    </li>
  );
}

/** Who is writing, what one has begun to write, or what was said last. */
function Preview({ conversation, isOpen }: { conversation: Conversation; isOpen: boolean }) {
  const typing = typingText(typistsIn(conversation.id));
  if (typing) return <span class="row-preview typing" dir="auto">{typing}</span>;
  const { draft } = conversation.settings;
  if (draft && !isOpen) {
    return (
      <span class="row-preview" dir="auto">
        <span class="draft">{text.value.draft}</span> {draft}
      </span>
    );
  }
  return <span class="row-preview" dir="auto">{preview(conversation)}</span>;
}

function Mark({ icon, label }: { icon: "bellOff" | "pin"; label: string }) {
  return (
    <span class="row-mark">
      <Icon name={icon} />
      <span class="hidden">{label}</span>
    </span>
  );
}

function menuOf(conversation: Conversation): MenuItem[] {
  const { pinnedAt, muted, archived } = conversation.settings;
  const words = text.value;
  return [
    {
      label: pinnedAt === null ? words.pin : words.unpin,
      icon: "pin",
      run: () => configure(conversation, { pinned: pinnedAt === null }),
    },
    {
      label: muted ? words.unmute : words.mute,
      icon: "bellOff",
      run: () => configure(conversation, { muted: !muted }),
    },
    {
      label: archived ? words.unarchive : words.archive,
      icon: "archive",
      run: () => configure(conversation, { archived: !archived }),
    },
    {
      label: words.markRead,
      icon: "check",
      disabled: conversation.unread === 0,
      run: () => markRead(conversation),
    },
  ];
}
