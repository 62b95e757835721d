import { useState } from "preact/hooks";
import type { Member } from "../../sdk/mod.ts";
import { openPart } from "../state/details.ts";
import { type Group, mayInvite, type Role } from "../state/group_rights.ts";
import { me, meet } from "../state/people.ts";
import { client } from "../state/server.ts";
import { text } from "../state/settings.ts";
import { momentTime } from "../state/time.ts";
import { AddMembersDialog } from "./add_members_dialog.tsx";
import { Icon } from "./icon.tsx";
import { MemberMenu } from "./member_menu.tsx";
import { PagedPeople } from "./paged_people.tsx";
import { PersonCard } from "./person_card.tsx";
import { PersonRow } from "./person_row.tsx";
import { usePages } from "./use_pages.ts";
import { usePresence } from "./use_presence.ts";

interface GroupMembersProps {
  group: Group;
  /** One's own. */
  role: Role;
  version: number;
}

/** Who is in a group, in pages, found by the beginning of their names. */
export function GroupMembers({ group, role, version }: GroupMembersProps) {
  const [query, setQuery] = useState("");
  const [adds, setAdds] = useState(false);
  const words = text.value.groups;
  const wanted = query.trim();
  const pages = usePages(
    async (cursor, signal) => {
      const { members: items, nextCursor } = await client.call("conversation.members", {
        conversationId: group.id,
        ...(wanted !== "" && { query: wanted }),
        ...(cursor && { cursor }),
      }, { signal });
      meet(items.map(({ user }) => user));
      return { items, nextCursor };
    },
    wanted,
    version,
  );
  usePresence(pages.items.map(({ user }) => user.id));
  return (
    <section class="card tight" data-testid="group-members">
      <header class="card-head">
        <h3>{words.membersTitle}</h3>
        {mayInvite(role, group) && (
          <button
            type="button"
            class="icon-button"
            aria-label={words.addMembers}
            title={words.addMembers}
            onClick={() => setAdds(true)}
          >
            <Icon name="plusPerson" />
          </button>
        )}
      </header>
      <div class="search">
        <Icon name="search" />
        <input
          type="search"
          aria-label={words.searchMembers}
          placeholder={words.searchMembers}
          value={query}
          maxLength={64}
          spellcheck={false}
          onInput={(event) => setQuery(event.currentTarget.value)}
        />
      </div>
      <PagedPeople label={words.membersTitle} empty={words.noMember(wanted)} pages={pages}>
        {(member) => <MemberRow key={member.user.id} group={group} member={member} role={role} />}
      </PagedPeople>
      {adds && <AddMembersDialog group={group} onClose={() => setAdds(false)} />}
    </section>
  );
}

interface MemberRowProps {
  group: Group;
  member: Member;
  role: Role;
}

function MemberRow({ group, member, role }: MemberRowProps) {
  const { user, nickname, mutedUntil } = member;
  const words = text.value.groups;
  const isMuted = mutedUntil !== null && mutedUntil > Date.now();
  const openCard = () =>
    openPart({
      name: `person-${user.id}`,
      title: () => text.value.contacts.card,
      render: () => (
        <div class="about">
          <PersonCard userId={user.id} />
        </div>
      ),
    });
  return (
    <PersonRow
      user={user}
      note={[isMuted ? words.mutedUntil(momentTime(mutedUntil)) : "", nickname, `@${user.username}`]
        .filter(Boolean).join(" · ")}
      mark={member.role !== "member" && <span class="badge word">{words[member.role]}</span>}
      onPick={openCard}
    >
      {user.id !== me.value?.id && <MemberMenu group={group} member={member} role={role} isMuted={isMuted} />}
    </PersonRow>
  );
}
