import { useRef, useState } from "preact/hooks";
import type { User } from "../../sdk/mod.ts";
import { callOf } from "../state/naming.ts";
import { withState } from "../state/relations.ts";
import { tell, text } from "../state/settings.ts";
import { Field } from "./field.tsx";
import { Icon } from "./icon.tsx";
import { PersonRow } from "./person_row.tsx";
import { usePeopleSearch } from "./use_people_search.ts";

/** So many friends are offered before anybody is searched for. */
const OFFERED = 50;

interface PeoplePickerProps {
  picked: User[];
  onChange: (picked: User[]) => void;
}

/** Finds people by name and gathers them. */
export function PeoplePicker({ picked, onChange }: PeoplePickerProps) {
  const picker = useRef<HTMLDivElement>(null);
  const [query, setQuery] = useState("");
  const { state, users, error } = usePeopleSearch(query.trim());
  const isSearching = query.trim() !== "";
  // Before a name is typed: those one most likely means.
  const offered = isSearching ? users : withState("friends").map(({ user }) => user).slice(0, OFFERED);
  const others = offered.filter(({ id }) => picked.every((user) => user.id !== id));
  const t = text.value;
  const add = (user: User) => {
    onChange([...picked, user]);
    setQuery("");
    // What was pressed is gone now; on with the next name.
    picker.current?.querySelector("input")?.focus();
  };
  // Enter in this field is for searching; the group is made with the button.
  const keepForm = (event: KeyboardEvent) => {
    if (event.key === "Enter" && !event.isComposing) event.preventDefault();
  };
  return (
    <div class="picker" ref={picker}>
      {picked.length > 0 && (
        <ul class="chips" aria-label={t.picked}>
          {picked.map((user) => (
            <li key={user.id} class="chip">
              <bdi>{callOf(user)}</bdi>
              <button
                type="button"
                aria-label={t.removePerson(callOf(user))}
                onClick={() => onChange(picked.filter(({ id }) => id !== user.id))}
              >
                <Icon name="close" />
              </button>
            </li>
          ))}
        </ul>
      )}
      <Field
        label={t.addPeople}
        value={query}
        onText={setQuery}
        type="search"
        maxLength={64}
        autoComplete="off"
        onKeyDown={keepForm}
      />
      {state === "failed" && <p class="error" role="alert">{tell(error)}</p>}
      {isSearching && state === "done" && others.length === 0 && (
        <p class="section-empty">{t.noPeople(query.trim())}</p>
      )}
      <ul class="rows picker-found" aria-label={t.people}>
        {others.map((user) => (
          <PersonRow key={user.id} user={user} label={t.addPerson(callOf(user))} onPick={add} />
        ))}
      </ul>
    </div>
  );
}
