import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { act } from "../state/friends.ts";
import { callOf } from "../state/naming.ts";
import { type Relation, relations, relationsState, withState } from "../state/relations.ts";
import { pageHref } from "../state/route.ts";
import { tell, text } from "../state/settings.ts";
import { Act } from "./act.tsx";
import { BefriendDialog } from "./befriend_dialog.tsx";
import { Field } from "./field.tsx";
import { Loading, Notice } from "./notice.tsx";
import { PaneHead } from "./pane_head.tsx";
import { PersonCard } from "./person_card.tsx";
import { PersonRow } from "./person_row.tsx";
import { usePeopleSearch } from "./use_people_search.ts";

/** What was chosen among the contacts. */
export function ContactPane({ section }: { section: string | null }) {
  const words = text.value.contacts;
  switch (section) {
    case null:
      return <Notice icon="contacts" title={words.choose} hint={words.chooseHint} />;
    case "requests":
      return <Part title={words.requests} content={<Requests />} />;
    case "blocked":
      return <Part title={words.blocked} content={<Blocked />} />;
    case "find":
      return <Part title={words.find} content={<Find />} />;
    default:
      return <Part title={words.card} content={<PersonCard userId={section} />} />;
  }
}

function Part({ title, content }: { title: string; content: ComponentChildren }) {
  return (
    <>
      <PaneHead title={title} />
      <div class="page">{content}</div>
    </>
  );
}

function Requests() {
  const words = text.value.contacts;
  if (relationsState.value === "loading") return <Loading />;
  return (
    <>
      <People title={words.incoming} empty={words.noIncoming} people={withState("invited")}>
        {(user) => {
          const name = callOf(user);
          return (
            <>
              <Act
                label={words.reject}
                about={words.rejectOf(name)}
                run={() => act("friend.reject", user.id)}
              />
              <Act
                label={words.accept}
                about={words.acceptOf(name)}
                primary
                run={() => act("friend.accept", user.id)}
                done={() => words.nowFriends(name)}
              />
            </>
          );
        }}
      </People>
      <People title={words.outgoing} empty={words.noOutgoing} people={withState("requested")}>
        {(user) => (
          <Act
            label={words.withdraw}
            about={words.withdrawOf(callOf(user))}
            run={() => act("friend.withdraw", user.id)}
          />
        )}
      </People>
    </>
  );
}

function Blocked() {
  const words = text.value.contacts;
  const people = withState("blocked");
  if (relationsState.value === "loading") return <Loading />;
  if (people.length === 0) return <Notice icon="block" title={words.noBlocked} hint={words.noBlockedHint} />;
  return (
    <People title={words.blocked} people={people}>
      {(user) => (
        <Act
          label={words.unblock}
          about={words.unblockOf(callOf(user))}
          run={() => act("block.remove", user.id)}
          done={() => words.unblockedDone(callOf(user))}
        />
      )}
    </People>
  );
}

interface PeopleProps {
  title: string;
  empty?: string;
  people: Relation[];
  children: (user: Relation["user"]) => ComponentChildren;
}

function People({ title, empty, people, children }: PeopleProps) {
  const { asksWith } = text.value.contacts;
  return (
    <section class="card">
      <h3>{title}</h3>
      {people.length === 0 && <p class="muted">{empty}</p>}
      <ul class="rows flush" aria-label={title}>
        {people.map(({ user, note }) => (
          <PersonRow
            key={user.id}
            user={user}
            href={pageHref("contacts", user.id)}
            note={note === "" ? undefined : asksWith(note)}
          >
            {children(user)}
          </PersonRow>
        ))}
      </ul>
    </section>
  );
}

function Find() {
  const [query, setQuery] = useState("");
  const [asked, setAsked] = useState<Relation["user"] | null>(null);
  const { state, users, error } = usePeopleSearch(query.trim());
  const words = text.value.contacts;
  return (
    <section class="card">
      <Field
        label={words.findBy}
        hint={words.findHint}
        value={query}
        onText={setQuery}
        type="search"
        maxLength={64}
        autoComplete="off"
        spellcheck={false}
      />
      {state === "searching" && users.length === 0 && query.trim() !== "" && <Loading />}
      {state === "failed" && <p class="error" role="alert">{tell(error)}</p>}
      {state === "done" && query.trim() !== "" && users.length === 0 && (
        <p class="muted">{text.value.noPeople(query.trim())}</p>
      )}
      <ul class="rows flush" aria-label={text.value.people} data-testid="found-people">
        {users.map((user) => (
          <PersonRow key={user.id} user={user} href={pageHref("contacts", user.id)}>
            <Standing user={user} onAsk={() => setAsked(user)} />
          </PersonRow>
        ))}
      </ul>
      {asked && <BefriendDialog user={asked} onClose={() => setAsked(null)} />}
    </section>
  );
}

/** How one stands with a person, or the way to ask them. */
function Standing({ user, onAsk }: { user: Relation["user"]; onAsk: () => void }) {
  const words = text.value.contacts;
  const relation = relations.value.get(user.id);
  const said = {
    friends: words.isFriend,
    requested: words.isAsked,
    invited: words.hasAsked,
    blocked: words.blocked,
  };
  if (relation) return <span class="badge word">{said[relation.state]}</span>;
  return (
    <button type="button" class="button small" aria-label={words.addOf(callOf(user))} onClick={onAsk}>
      {words.add}
    </button>
  );
}
