import { useState } from "preact/hooks";
import { conversationOf } from "../state/conversations.ts";
import { conversationName } from "../state/naming.ts";
import { chatId } from "../state/route.ts";
import { filterSearch, searchFilter } from "../state/search_filter.ts";
import { text } from "../state/settings.ts";
import { Field } from "./field.tsx";
import { SelectField } from "./select_field.tsx";

/** What narrows a search: the conversation, and behind a button by whom, what and when. */
export function SearchFilters() {
  const { conversationId, kind, mine, from, to } = searchFilter.value;
  const [isOpen, setOpen] = useState(kind !== "" || mine || from !== "" || to !== "");
  const { found } = text.value;
  // The one that is searched stays named where no other is open, as on a phone.
  const here = conversationId ?? chatId.value;
  const conversation = here === null ? undefined : conversationOf(here);
  return (
    <>
      {here !== null && (
        <label class="found-scope">
          <input
            type="checkbox"
            checked={conversationId !== null}
            onChange={({ currentTarget }) =>
              filterSearch({ conversationId: currentTarget.checked ? here : null })}
          />
          {conversationId === null || conversationId === chatId.value || !conversation
            ? found.here
            : found.only(conversationName(conversation))}
        </label>
      )}
      <button
        type="button"
        class="button plain small found-toggle"
        aria-expanded={isOpen}
        onClick={() => setOpen(!isOpen)}
      >
        {found.filters}
      </button>
      {isOpen && (
        <div class="found-filters" role="group" aria-label={found.filters}>
          <SelectField
            label={found.kind}
            value={kind}
            options={(["", "text", "image", "file", "voice", "video"] as const).map((one) => [
              one,
              found.kinds[one],
            ])}
            onChoose={(kind) => filterSearch({ kind })}
          />
          <Field
            label={found.from}
            type="date"
            value={from}
            onText={(from) => filterSearch({ from })}
          />
          <Field label={found.to} type="date" value={to} onText={(to) => filterSearch({ to })} />
          <label class="found-scope">
            <input
              type="checkbox"
              checked={mine}
              onChange={({ currentTarget }) => filterSearch({ mine: currentTarget.checked })}
            />
            {found.mine}
          </label>
        </div>
      )}
    </>
  );
}
