import { signal } from "@preact/signals";
import type { Output } from "../../sdk/mod.ts";
import { Avatar } from "../components/avatar.tsx";
import { callOf } from "../state/naming.ts";
import { pageHref } from "../state/route.ts";
import { call } from "./call.ts";
import { Paged, SearchField, Select, Word } from "./parts.tsx";
import { usePages, useSettled } from "./use_pages.ts";
import { When } from "./when.tsx";
import { words } from "./words.ts";

export type Group = Output<"admin.groups">["groups"][number];
const STATES = ["any", "active", "dissolved"] as const;
type State = (typeof STATES)[number];

const query = signal("");
const state = signal<State>("any");

export function Groups() {
  const w = words.value;
  const wanted = useSettled(query.value.trim());
  const chosen = state.value;
  const pages = usePages<Group>(async (cursor) => {
    const { groups, nextCursor } = await call("admin.groups", { state: chosen, query: wanted, cursor });
    return { items: groups, nextCursor };
  }, `${chosen} ${wanted}`);
  return (
    <>
      <div class="filters" role="search">
        <SearchField label={w.findGroup} value={query.value} onText={(value) => query.value = value} />
        <Select
          label={w.state}
          value={chosen}
          options={STATES.map((one) => [one, w.groupStates[one]] as const)}
          onChoose={(one) => state.value = one}
        />
      </div>
      <Paged pages={pages} empty={wanted ? w.nothingFound : w.noGroups} icon="group">
        {(groups) => (
          <ul class="rows flush" aria-label={w.groups} data-testid="groups">
            {groups.map((group) => <GroupRow key={group.id} group={group} />)}
          </ul>
        )}
      </Paged>
    </>
  );
}

function GroupRow({ group }: { group: Group }) {
  const w = words.value;
  return (
    <li>
      <a class="row" href={pageHref("admin", "groups", group.id)}>
        <Avatar id={group.id} name={group.title} group picture={group.avatar} />
        <span class="row-main">
          <span class="row-line">
            <bdi class="row-name">{group.title}</bdi>
            {group.dissolved && <Word danger>{w.dissolved}</Word>}
          </span>
          <span class="row-preview">
            {`${w.membersOf(group.members)} · ${w.messagesOf(group.messages)}`}
            {group.owner && (
              <>
                {" · "}
                {w.owner} <bdi>{callOf(group.owner)}</bdi>
              </>
            )}
          </span>
        </span>
        <span class="row-time wide-only">
          <span class="hidden">{w.lastActive}</span> <When at={group.lastAt} />
        </span>
      </a>
    </li>
  );
}
