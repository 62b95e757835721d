import { useEffect, useState } from "preact/hooks";
import { ImError } from "../../sdk/mod.ts";
import { Avatar } from "../components/avatar.tsx";
import { Failure, Loading, Notice } from "../components/notice.tsx";
import { callOf } from "../state/naming.ts";
import { me, nameOf } from "../state/people.ts";
import { pageHref } from "../state/route.ts";
import { tell } from "../state/settings.ts";
import { showAudit } from "./audit_filter.ts";
import { call } from "./call.ts";
import { BackLink, CardTitle, Fact, nameOrSomeone } from "./parts.tsx";
import { UserActions } from "./user_actions.tsx";
import { type Account, Marks } from "./users.tsx";
import { When } from "./when.tsx";
import { words } from "./words.ts";

/** One account, and what an admin may do about it. */
export function UserCard({ userId }: { userId: string }) {
  const [account, setAccount] = useState<Account | null>(null);
  const [error, setError] = useState<unknown>(null);
  const load = async () => {
    setError(null);
    await call("admin.user", { userId }).then(setAccount, setError);
  };
  useEffect(() => void load(), [userId]);
  return (
    <>
      <BackLink href={pageHref("admin", "users")} label={words.value.allUsers} />
      {account
        ? <Shown account={account} onChange={load} />
        : error === null
        ? <Loading />
        : isGone(error)
        ? <Notice icon="person" title={words.value.userGone} />
        : <Failure message={tell(error)} onRetry={load} />}
    </>
  );
}

const isGone = (error: unknown) => error instanceof ImError && error.code === "user_not_found";

function Shown({ account, onChange }: { account: Account; onChange: () => Promise<void> }) {
  const w = words.value;
  const name = callOf(account);
  return (
    <>
      <section class="card" data-testid="user-card">
        <div class="card-head">
          <Avatar id={account.id} name={name} picture={account.avatar} />
          <div class="grow">
            <CardTitle>
              <bdi>{name}</bdi>
            </CardTitle>
            <p class="muted">
              <bdi>@{account.username}</bdi> <Marks user={account} />
            </p>
          </div>
        </div>
        <dl class="facts">
          <Fact label={w.role}>
            {account.role === "admin" ? w.admin : account.bot ? w.bot : w.roleUser}
          </Fact>
          {account.ownerId && (
            <Fact label={w.ownerIs}>
              <OwnerLink id={account.ownerId} />
            </Fact>
          )}
          <Fact label={w.devices}>{account.sessions}</Fact>
          <Fact label={w.lastSeen}>
            <When at={account.lastSeenAt} />
          </Fact>
          <Fact label={w.created}>
            <When at={account.createdAt} />
          </Fact>
          {account.disabledAt !== null && (
            <Fact label={w.disabledSince}>
              <When at={account.disabledAt} />
            </Fact>
          )}
          {account.email && <Fact label={w.email}>{account.email}</Fact>}
          {account.phone && <Fact label={w.phone}>{account.phone}</Fact>}
          <Fact label={w.userId}>{account.id}</Fact>
        </dl>
        <p class="links">
          <a href={pageHref("admin", "audit")} onClick={() => showAudit({ target: account.id })}>
            {w.itsAudit}
          </a>
          {account.role === "admin" && (
            <a
              href={pageHref("admin", "audit")}
              onClick={() => showAudit({ adminId: account.id })}
            >
              {w.whatTheyDid}
            </a>
          )}
        </p>
      </section>
      {!account.deleted && (
        <section class="card">
          <h3>{w.actions}</h3>
          {account.id === me.value?.id
            ? <p class="muted">{w.thisIsYou}</p>
            : <UserActions account={account} onChange={onChange} />}
        </section>
      )}
    </>
  );
}

function OwnerLink({ id }: { id: string }) {
  return (
    <a href={pageHref("admin", "users", id)}>
      <bdi>{nameOrSomeone(nameOf(id))}</bdi>
    </a>
  );
}
