import { useEffect } from "preact/hooks";
import type { Conversation } from "../../sdk/mod.ts";
import { isOpen, toggleDetails } from "../state/details.ts";
import { isAdmin } from "../state/group_rights.ts";
import { countJoinRequests, joinRequests } from "../state/join_requests.ts";
import { presenceOf } from "../state/presence.ts";
import { conversationName, typingText } from "../state/naming.ts";
import { personOf } from "../state/people.ts";
import { closeChat } from "../state/route.ts";
import { text } from "../state/settings.ts";
import { searchHere } from "../state/to_search.ts";
import { lastSeen } from "../state/time.ts";
import { typistsIn } from "../state/typing.ts";
import { usePresence } from "./use_presence.ts";
import { Avatar } from "./avatar.tsx";
import { Badge } from "./badge.tsx";
import { Icon } from "./icon.tsx";
import { lazy } from "./lazy.tsx";

const ChatDetails = lazy(() => import("./chat_details.tsx").then((module) => module.ChatDetails));

export function ChatHead({ conversation }: { conversation?: Conversation }) {
  return (
    <header class="chat-head">
      <button type="button" class="icon-button back" aria-label={text.value.backToList} onClick={closeChat}>
        <Icon name="back" />
      </button>
      {conversation && <Title conversation={conversation} />}
      {conversation && (
        <button
          type="button"
          class="icon-button head-button"
          aria-label={text.value.found.inChat}
          title={text.value.found.inChat}
          onClick={searchHere}
        >
          <Icon name="search" />
        </button>
      )}
      {conversation && <DetailsButton conversation={conversation} />}
    </header>
  );
}

function Title({ conversation }: { conversation: Conversation }) {
  const { id, type, peer, memberCount, avatar } = conversation;
  const name = conversationName(conversation);
  const typing = typingText(typistsIn(id));
  return (
    <>
      <Avatar
        id={peer?.id ?? id}
        name={name}
        group={type === "group"}
        picture={peer ? personOf(peer.id)?.avatar : avatar}
      />
      <div class="chat-title">
        <h2>
          <bdi>{name}</bdi>
        </h2>
        <p class={typing ? "typing" : "muted"} data-testid="chat-subtitle">
          {typing ||
            (type === "group" ? text.value.members(memberCount) : <PeerLine conversation={conversation} />)}
        </p>
      </div>
    </>
  );
}

/** Whether the other is here, or when they were. */
function PeerLine({ conversation: { peer } }: { conversation: Conversation }) {
  usePresence(peer ? [peer.id] : []);
  return <>{lastSeen(peer ? presenceOf(peer.id) : undefined) ?? <bdi>@{peer?.username}</bdi>}</>;
}

function DetailsButton({ conversation: { id, type, role } }: { conversation: Conversation }) {
  const letsIn = type === "group" && isAdmin(role);
  useEffect(() => {
    if (letsIn) void countJoinRequests(id);
  }, [id, letsIn]);
  const words = text.value.groups;
  const count = letsIn ? joinRequests(id) : 0;
  const name = `chat-${id}`;
  const title = () => type === "group" ? text.value.groups.aboutGroup : text.value.contacts.card;
  return (
    <button
      type="button"
      class="icon-button head-button"
      aria-label={count > 0 ? `${words.details}, ${words.askIn(count)}` : words.details}
      title={words.details}
      aria-expanded={isOpen(name)}
      onClick={() => toggleDetails({ name, title, render: () => <ChatDetails conversationId={id} /> })}
    >
      <Icon name="info" />
      <Badge count={count} words={words.askIn} />
    </button>
  );
}
