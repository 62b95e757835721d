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
import { BackLink, CardTitle, Facts, nameOrSomeone } from "./parts.tsx";
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
        <Facts
          facts={[
            [w.role, account.role === "admin" ? w.admin : account.bot ? w.bot : w.roleUser],
            account.ownerId ? [w.ownerIs, <OwnerLink id={account.ownerId} />] : null,
            [w.devices, account.sessions],
            [w.lastSeen, <When at={account.lastSeenAt} />],
            [w.created, <When at={account.createdAt} />],
            account.disabledAt === null ? null : [w.disabledSince, <When at={account.disabledAt} />],
            account.email ? [w.email, account.email] : null,
            account.phone ? [w.phone, account.phone] : null,
            [w.userId, account.id],
          ]}
        />
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
