import { signal } from "@preact/signals";
import type { Output } from "../../sdk/mod.ts";
import { callOf } from "../state/naming.ts";
import { pageHref } from "../state/route.ts";
import { Avatar } from "../components/avatar.tsx";
import { call } from "./call.ts";
import { Paged, SearchField, Select, Word } from "./parts.tsx";
import { usePages, useSettled } from "./use_pages.ts";
import { When } from "./when.tsx";
import { words } from "./words.ts";

export type Account = Output<"admin.user">;
const STATES = ["any", "active", "disabled", "admin", "bot"] as const;
type State = (typeof STATES)[number];

/** Kept while one looks at a user, and comes back. */
const query = signal("");
const state = signal<State>("any");

export function Users() {
  const w = words.value;
  const wanted = useSettled(query.value.trim());
  const chosen = state.value;
  const pages = usePages<Account>(async (cursor) => {
    const { users, nextCursor } = await call("admin.users", { state: chosen, query: wanted, cursor });
    return { items: users, nextCursor };
  }, `${chosen} ${wanted}`);
  return (
    <>
      <div class="filters" role="search">
        <SearchField label={w.findUser} value={query.value} onText={(value) => query.value = value} />
        <Select
          label={w.state}
          value={chosen}
          options={STATES.map((one) => [one, w.states[one]] as const)}
          onChoose={(one) => state.value = one}
        />
      </div>
      <Paged pages={pages} empty={wanted ? w.nothingFound : w.noUsers} icon="person">
        {(users) => (
          <ul class="rows flush" aria-label={w.users} data-testid="users">
            {users.map((user) => <UserRow key={user.id} user={user} />)}
          </ul>
        )}
      </Paged>
    </>
  );
}

function UserRow({ user }: { user: Account }) {
  const w = words.value;
  return (
    <li>
      <a class="row" href={pageHref("admin", "users", user.id)}>
        <Avatar id={user.id} name={callOf(user)} picture={user.avatar} />
        <span class="row-main">
          <span class="row-line">
            <bdi class="row-name">{callOf(user)}</bdi>
            <Marks user={user} />
          </span>
          <span class="row-preview">
            <bdi>@{user.username}</bdi>
            {` · ${w.devicesOf(user.sessions)}`}
          </span>
        </span>
        <span class="row-time wide-only">
          <span class="hidden">{w.lastSeen}</span> <When at={user.lastSeenAt} />
        </span>
      </a>
    </li>
  );
}

/** What an account is beside being one. */
export function Marks({ user }: { user: Account }) {
  const w = words.value;
  return (
    <>
      {user.role === "admin" && <Word>{w.admin}</Word>}
      {user.bot && <Word>{w.bot}</Word>}
      {user.disabledAt !== null && <Word danger>{w.disabled}</Word>}
    </>
  );
}
