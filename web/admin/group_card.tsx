import { useEffect, useState } from "preact/hooks";
import type { Member } from "../../sdk/mod.ts";
import { Avatar } from "../components/avatar.tsx";
import { Failure, Loading, Notice } from "../components/notice.tsx";
import { useConfirm } from "../components/use_confirm.tsx";
import { callOf } from "../state/naming.ts";
import { pageHref } from "../state/route.ts";
import { tell } from "../state/settings.ts";
import { toast } from "../state/toasts.ts";
import { AnnounceDialog } from "./announce_dialog.tsx";
import { showAudit } from "./audit_filter.ts";
import { call } from "./call.ts";
import type { Group } from "./groups.tsx";
import { BackLink, CardTitle, Fact, Paged, Word } from "./parts.tsx";
import { usePages } from "./use_pages.ts";
import { When } from "./when.tsx";
import { words } from "./words.ts";

/** One group: who is in it, and not what they say. */
export function GroupCard({ groupId }: { groupId: string }) {
  const [group, setGroup] = useState<Group | null | undefined>(undefined);
  const [error, setError] = useState<unknown>(null);
  const load = async () => {
    setError(null);
    await call("admin.groups", { conversationId: groupId })
      .then(({ groups }) => setGroup(groups[0] ?? null), setError);
  };
  useEffect(() => void load(), [groupId]);
  return (
    <>
      <BackLink href={pageHref("admin", "groups")} label={words.value.allGroups} />
      {group
        ? <Shown group={group} onChange={load} />
        : error !== null
        ? <Failure message={tell(error)} onRetry={load} />
        : group === undefined
        ? <Loading />
        : <Notice icon="group" title={words.value.groupGone} />}
    </>
  );
}

function Shown({ group, onChange }: { group: Group; onChange: () => Promise<void> }) {
  const w = words.value;
  return (
    <>
      <section class="card" data-testid="group-card">
        <div class="card-head">
          <Avatar id={group.id} name={group.title} group picture={group.avatar} />
          <div class="grow">
            <CardTitle>
              <bdi>{group.title}</bdi>
            </CardTitle>
            <p class="muted">
              {w.membersOf(group.members)} {group.dissolved && <Word danger>{w.dissolved}</Word>}
            </p>
          </div>
        </div>
        <dl class="facts">
          {group.owner && (
            <Fact label={w.owner}>
              <a href={pageHref("admin", "users", group.owner.id)}>
                <bdi>{callOf(group.owner)}</bdi>
              </a>
            </Fact>
          )}
          <Fact label={w.messages}>{w.messagesOf(group.messages)}</Fact>
          <Fact label={w.lastActive}>
            <When at={group.lastAt} />
          </Fact>
          <Fact label={w.created}>
            <When at={group.createdAt} />
          </Fact>
          <Fact label={w.groupId}>{group.id}</Fact>
        </dl>
        <p class="muted">{w.notSeen}</p>
        <p class="links">
          <a href={pageHref("admin", "audit")} onClick={() => showAudit({ target: group.id })}>
            {w.itsAudit}
          </a>
        </p>
        {!group.dissolved && <Actions group={group} onChange={onChange} />}
      </section>
      {!group.dissolved && <Members groupId={group.id} />}
    </>
  );
}

function Actions({ group, onChange }: { group: Group; onChange: () => Promise<void> }) {
  const [ask, question] = useConfirm();
  const [tells, setTells] = useState(false);
  const w = words.value;
  const askDissolve = () =>
    ask({
      title: w.dissolveAsk(group.title),
      hint: w.dissolveHint,
      action: w.dissolve,
      onConfirm: async () => {
        await call("admin.dissolve", { conversationId: group.id });
        toast(w.dissolvedDone(group.title));
        await onChange();
      },
    });
  return (
    <div class="actions">
      <button type="button" class="button" onClick={() => setTells(true)}>{w.tellMembers}</button>
      <button type="button" class="button danger" onClick={askDissolve}>{w.dissolve}</button>
      {question}
      {tells && <AnnounceDialog group={group} onClose={() => setTells(false)} />}
    </div>
  );
}

function Members({ groupId }: { groupId: string }) {
  const w = words.value;
  const pages = usePages<Member>(async (cursor) => {
    const { members, nextCursor } = await call("admin.members", { conversationId: groupId, cursor });
    return { items: members, nextCursor };
  }, groupId);
  return (
    <section class="card">
      <h3>{w.members}</h3>
      <Paged pages={pages} empty={w.none} icon="group">
        {(members) => (
          <ul class="rows flush" aria-label={w.members} data-testid="members">
            {members.map(({ user, role }) => (
              <li key={user.id}>
                <a class="row" href={pageHref("admin", "users", user.id)}>
                  <Avatar id={user.id} name={callOf(user)} picture={user.avatar} />
                  <span class="row-main">
                    <span class="row-line">
                      <bdi class="row-name">{callOf(user)}</bdi>
                      {role !== "member" && <Word>{w.roles[role]}</Word>}
                    </span>
                    <bdi class="row-preview">@{user.username}</bdi>
                  </span>
                </a>
              </li>
            ))}
          </ul>
        )}
      </Paged>
    </section>
  );
}
