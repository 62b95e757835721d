import type { Conversation } from "../../sdk/mod.ts";
import { conversationName, typingText } from "../state/naming.ts";
import { closeChat } from "../state/route.ts";
import { text } from "../state/settings.ts";
import { typistsIn } from "../state/typing.ts";
import { Avatar } from "./avatar.tsx";
import { Icon } from "./icon.tsx";

export function ChatHead({ conversation }: { conversation?: Conversation }) {
  return (
    <header class="chat-head">
      <button type="button" class="icon-button back" aria-label={text.value.backToList} onClick={closeChat}>
        <Icon name="back" />
      </button>
      {conversation && <Title conversation={conversation} />}
    </header>
  );
}

function Title({ conversation }: { conversation: Conversation }) {
  const { id, type, peer, memberCount } = conversation;
  const name = conversationName(conversation);
  const typing = typingText(typistsIn(id));
  return (
    <>
      <Avatar id={peer?.id ?? id} name={name} group={type === "group"} />
      <div class="chat-title">
        <h2>
          <bdi>{name}</bdi>
        </h2>
        <p class={typing ? "typing" : "muted"} data-testid="chat-subtitle">
          {typing || (type === "group" ? text.value.members(memberCount) : <bdi>@{peer?.username}</bdi>)}
        </p>
      </div>
    </>
  );
}
