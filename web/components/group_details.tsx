import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import type { Conversation } from "../../sdk/mod.ts";
import { openPart } from "../state/details.ts";
import { type Group, isAdmin, mayEdit } from "../state/group_rights.ts";
import { joinRequests } from "../state/join_requests.ts";
import { personName } from "../state/naming.ts";
import { tell, text } from "../state/settings.ts";
import { momentTime } from "../state/time.ts";
import type { Text } from "../text/en.ts";
import { AnnounceDialog } from "./announce_dialog.tsx";
import { Avatar } from "./avatar.tsx";
import { Badge } from "./badge.tsx";
import { EditGroupDialog } from "./edit_group_dialog.tsx";
import { GroupBans } from "./group_bans.tsx";
import { GroupEndings } from "./group_endings.tsx";
import { GroupLinks } from "./group_links.tsx";
import { GroupMembers } from "./group_members.tsx";
import { GroupPermissions } from "./group_permissions.tsx";
import { GroupRequests } from "./group_requests.tsx";
import { Icon, type IconName } from "./icon.tsx";
import { LinkedWords } from "./linked_words.tsx";
import { MyNickname } from "./my_nickname.tsx";
import { Failure, Loading } from "./notice.tsx";
import { useGroup } from "./use_group.ts";

interface GroupDetailsProps {
  conversation: Conversation;
  /** What one sets for oneself in any chat. */
  own: ComponentChildren;
}

/** A group: what it is, who is in it, and what one's role allows. */
export function GroupDetails({ conversation, own }: GroupDetailsProps) {
  const { id, role } = conversation;
  const { group, error, version, reload } = useGroup(id);
  if (group === null) {
    return error === null ? <Loading /> : <Failure message={tell(error)} onRetry={reload} />;
  }
  return (
    <div class="about" data-testid="group-details">
      <Face group={group} mayEdit={mayEdit(role, group)} />
      <Announcement group={group} mayWrite={isAdmin(role)} />
      {own}
      <section class="card tight">
        <MyNickname group={group} />
        {isAdmin(role) && <AdminParts id={id} />}
      </section>
      <GroupMembers group={group} role={role} version={version} />
      <GroupEndings group={group} role={role} />
    </div>
  );
}

function Face({ group, mayEdit }: { group: Group; mayEdit: boolean }) {
  const [edits, setEdits] = useState(false);
  const { id, title, avatar, description, memberCount } = group;
  return (
    <section class="face">
      <Avatar id={id} name={title} group picture={avatar} size="large" />
      <h3>
        <bdi>{title}</bdi>
      </h3>
      <p class="muted">{text.value.members(memberCount)}</p>
      {description && (
        <p class="bio" dir="auto">
          <LinkedWords words={description} />
        </p>
      )}
      {mayEdit && (
        <button type="button" class="button small" onClick={() => setEdits(true)}>
          <Icon name="edit" />
          {text.value.groups.edit}
        </button>
      )}
      {edits && <EditGroupDialog group={group} onClose={() => setEdits(false)} />}
    </section>
  );
}

function Announcement({ group, mayWrite }: { group: Group; mayWrite: boolean }) {
  const [writes, setWrites] = useState(false);
  const words = text.value.groups;
  const { announcement } = group;
  if (!announcement && !mayWrite) return null;
  return (
    <section class="card" data-testid="group-announcement">
      <header class="card-head">
        <h3>{words.announcement}</h3>
        {mayWrite && (
          <button
            type="button"
            class="icon-button"
            aria-label={words.writeAnnouncement}
            title={words.writeAnnouncement}
            onClick={() => setWrites(true)}
          >
            <Icon name="edit" />
          </button>
        )}
      </header>
      {announcement
        ? (
          <>
            <p class="words" dir="auto">
              <LinkedWords words={announcement.text} />
            </p>
            <p class="hint">{words.announcedBy(personName(announcement.by), momentTime(announcement.at))}</p>
          </>
        )
        : <p class="muted">{words.noAnnouncement}</p>}
      {writes && <AnnounceDialog group={group} onClose={() => setWrites(false)} />}
    </section>
  );
}

interface Part {
  name: string;
  icon: IconName;
  title: (words: Text["groups"]) => string;
  content: (conversationId: string) => ComponentChildren;
}

/** What an owner and admins see to, each a part of its own. */
const PARTS: readonly Part[] = [
  {
    name: "requests",
    icon: "plusPerson",
    title: (words) => words.requests,
    content: (conversationId) => <GroupRequests conversationId={conversationId} />,
  },
  {
    name: "links",
    icon: "link",
    title: (words) => words.links,
    content: (conversationId) => <GroupLinks conversationId={conversationId} />,
  },
  {
    name: "permissions",
    icon: "shield",
    title: (words) => words.permissions,
    content: (conversationId) => <GroupPermissions conversationId={conversationId} />,
  },
  {
    name: "bans",
    icon: "block",
    title: (words) => words.bans,
    content: (conversationId) => <GroupBans conversationId={conversationId} />,
  },
];

function AdminParts({ id }: { id: string }) {
  const words = text.value.groups;
  return (
    <ul>
      {PARTS.map(({ name, icon, title, content }) => (
        <li key={name}>
          <button
            type="button"
            class="side-link"
            onClick={() =>
              openPart({ name, title: () => title(text.value.groups), render: () => content(id) })}
          >
            <Icon name={icon} />
            <span class="grow">{title(words)}</span>
            {name === "requests" && <Badge count={joinRequests(id)} words={words.askIn} />}
            <Icon name="next" />
          </button>
        </li>
      ))}
    </ul>
  );
}
