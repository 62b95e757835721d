import { configure } from "../state/conversation_settings.ts";
import { conversationOf } from "../state/conversations.ts";
import { openPart } from "../state/details.ts";
import { text } from "../state/settings.ts";
import type { Conversation } from "../../sdk/mod.ts";
import { GroupDetails } from "./group_details.tsx";
import { Icon } from "./icon.tsx";
import { Notice } from "./notice.tsx";
import { PersonCard } from "./person_card.tsx";
import { SharedMedia } from "./shared_media.tsx";
import { Toggle } from "./toggle.tsx";

/** What there is to know and to do about a chat, in the third column. */
export function ChatDetails({ conversationId }: { conversationId: string }) {
  const conversation = conversationOf(conversationId);
  if (!conversation) return <Notice icon="warning" title={text.value.groups.gone} />;
  const own = <OwnSettings conversation={conversation} />;
  if (conversation.type === "group") return <GroupDetails conversation={conversation} own={own} />;
  return (
    <div class="about">
      {conversation.peer && <PersonCard userId={conversation.peer.id} inChat />}
      {own}
    </div>
  );
}

/** What one sets for oneself in a chat. */
function OwnSettings({ conversation }: { conversation: Conversation }) {
  const { muted, pinnedAt } = conversation.settings;
  const words = text.value.groups;
  return (
    <section class="card">
      <Toggle
        label={words.muteNotifications}
        checked={muted}
        onToggle={(on) => void configure(conversation, { muted: on })}
      />
      <Toggle
        label={words.pinTop}
        checked={pinnedAt !== null}
        onToggle={(on) => void configure(conversation, { pinned: on })}
      />
      <button
        type="button"
        class="side-link flat"
        onClick={() =>
          openPart({
            name: "media",
            title: () => text.value.groups.media,
            render: () => <SharedMedia conversationId={conversation.id} />,
          })}
      >
        <span class="grow">{words.media}</span>
        <Icon name="next" />
      </button>
    </section>
  );
}
