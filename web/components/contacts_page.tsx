import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { callOf } from "../state/naming.ts";
import { presenceOf } from "../state/presence.ts";
import { invitations, type Relation, relationsState, syncRelations, withState } from "../state/relations.ts";
import { pageHref, route } from "../state/route.ts";
import { language, tell, text } from "../state/settings.ts";
import { Badge } from "./badge.tsx";
import { ContactPane } from "./contact_pane.tsx";
import { Icon, type IconName } from "./icon.tsx";
import { Failure, Loading, Notice } from "./notice.tsx";
import { PersonRow } from "./person_row.tsx";
import { usePresence } from "./use_presence.ts";

/** One's friends at the side, and beside them a person, the requests, the blocked, or the search for people. */
export function ContactsPage() {
  const { section } = route.value;
  const words = text.value.contacts;
  return (
    <>
      <nav class="sidebar" aria-label={text.value.places.contacts}>
        <header class="sidebar-head">
          <h1>{text.value.places.contacts}</h1>
          <a
            class="icon-button"
            href={pageHref("contacts", "find")}
            aria-label={words.find}
            title={words.find}
          >
            <Icon name="plusPerson" />
          </a>
        </header>
        <Friends section={section} />
      </nav>
      <main class="pane" id="pane" tabIndex={-1}>
        <ContactPane key={section} section={section} />
      </main>
    </>
  );
}

function Friends({ section }: { section: string | null }) {
  const [query, setQuery] = useState("");
  const [tag, setTag] = useState<string | null>(null);
  const all = withState("friends");
  usePresence(all.map(({ user }) => user.id));
  const tags = [...new Set(all.flatMap((one) => one.tags))].sort(collate());
  const chosen = tag !== null && tags.includes(tag) ? tag : null;
  const shown = friendsOf(all, { query: query.trim(), tag: chosen });
  const words = text.value.contacts;
  return (
    <>
      <div class="search" role="search">
        <Icon name="search" />
        <input
          type="search"
          aria-label={words.filter}
          placeholder={words.filter}
          value={query}
          maxLength={64}
          spellcheck={false}
          onInput={(event) => setQuery(event.currentTarget.value)}
          onKeyDown={(event) => event.key === "Escape" && setQuery("")}
        />
      </div>
      <div class="scroll">
        <ul class="rows">
          <Side icon="bell" name="requests" title={words.requests} section={section}>
            <Badge count={invitations.value.length} words={words.waiting} />
          </Side>
          <Side icon="block" name="blocked" title={words.blocked} section={section} />
        </ul>
        {tags.length > 0 && <Tags tags={tags} chosen={chosen} onChoose={setTag} />}
        <h2 class="section">{words.friends}</h2>
        <FriendList friends={shown} isEmpty={all.length === 0} section={section} />
      </div>
    </>
  );
}

interface SideProps {
  icon: IconName;
  name: string;
  title: string;
  section: string | null;
  children?: ComponentChildren;
}

function Side({ icon, name, title, section, children }: SideProps) {
  const href = pageHref("contacts", name);
  return (
    <li>
      <a class="side-link" href={href} aria-current={section === name ? "page" : undefined}>
        <Icon name={icon} />
        <span class="grow">{title}</span>
        {children}
      </a>
    </li>
  );
}

interface TagsProps {
  tags: string[];
  chosen: string | null;
  onChoose: (tag: string | null) => void;
}

function Tags({ tags, chosen, onChoose }: TagsProps) {
  return (
    <div class="tags" role="group" aria-label={text.value.contacts.tags}>
      {tags.map((tag) => (
        <button
          key={tag}
          type="button"
          class="tag"
          aria-pressed={tag === chosen}
          onClick={() => onChoose(tag === chosen ? null : tag)}
        >
          {tag}
        </button>
      ))}
    </div>
  );
}

/** A screen has no room for more at first, and a slow one no time. */
const STEP = 200;

interface FriendListProps {
  friends: Relation[];
  /** Whether there are none at all. */
  isEmpty: boolean;
  section: string | null;
}

function FriendList({ friends, isEmpty, section }: FriendListProps) {
  const [shown, setShown] = useState(STEP);
  const state = relationsState.value;
  const words = text.value.contacts;
  if (state === "loading") return <Loading />;
  if (state !== "ready") return <Failure message={tell(state)} onRetry={() => syncRelations()} />;
  if (isEmpty) return <Notice icon="contacts" title={words.none} hint={words.noneHint} />;
  if (friends.length === 0) return <p class="section-empty">{words.noneSuch}</p>;
  return (
    <>
      <ul class="rows" aria-label={words.friends} data-testid="friends">
        {friends.slice(0, shown).map(({ user }) => (
          <PersonRow
            key={user.id}
            user={user}
            href={pageHref("contacts", user.id)}
            current={section === user.id}
            note={presenceOf(user.id)?.online ? words.online : undefined}
          />
        ))}
      </ul>
      {friends.length > shown && (
        <button
          type="button"
          class="button plain"
          onClick={() => setShown(shown + STEP)}
        >
          {text.value.loadMore}
        </button>
      )}
    </>
  );
}

interface Wanted {
  query: string;
  tag: string | null;
}

/** Those who are wanted, by what they are called. */
function friendsOf(all: readonly Relation[], { query, tag }: Wanted): Relation[] {
  const wanted = query.toLocaleLowerCase();
  const compare = collate();
  return all
    .filter(({ tags }) => tag === null || tags.includes(tag))
    .filter(({ user, remark }) =>
      [user.displayName, user.username, remark ?? ""].some((name) =>
        name.toLocaleLowerCase().includes(wanted)
      )
    )
    .sort((a, b) => compare(callOf(a.user), callOf(b.user)));
}

/** Chinese names stand by their sound, as in any Chinese list. */
const collate = () => new Intl.Collator(language.value).compare;
