import { useState } from "preact/hooks";
import { NO_SEARCH_FILTER, searchFilter } from "../state/search_filter.ts";
import { text } from "../state/settings.ts";
import { ConversationList } from "./conversation_list.tsx";
import { Icon } from "./icon.tsx";
import { lazy } from "./lazy.tsx";

const SearchResults = lazy(() => import("./search_results.tsx").then((module) => module.SearchResults));
const NewGroup = lazy(() => import("./new_group.tsx").then((module) => module.NewGroup));

export function Sidebar() {
  const [query, setQuery] = useState("");
  const [makesGroup, setMakesGroup] = useState(false);
  const { conversations, search, clearSearch, newGroup } = text.value;
  const clear = () => {
    setQuery("");
    searchFilter.value = NO_SEARCH_FILTER;
  };
  return (
    <nav class="sidebar" aria-label={conversations}>
      <header class="sidebar-head">
        <h1>{conversations}</h1>
        <button
          type="button"
          class="icon-button"
          aria-label={newGroup}
          title={newGroup}
          onClick={() => setMakesGroup(true)}
        >
          <Icon name="plusGroup" />
        </button>
      </header>
      <div class="search" role="search">
        <Icon name="search" />
        <input
          type="search"
          aria-label={search}
          placeholder={search}
          value={query}
          maxLength={64}
          spellcheck={false}
          onInput={(event) => setQuery(event.currentTarget.value)}
          onKeyDown={(event) => event.key === "Escape" && clear()}
        />
        {query !== "" && (
          <button type="button" class="icon-button" aria-label={clearSearch} onClick={clear}>
            <Icon name="close" />
          </button>
        )}
      </div>
      {query.trim() === "" ? <ConversationList /> : <SearchResults query={query.trim()} onDone={clear} />}
      {makesGroup && <NewGroup onClose={() => setMakesGroup(false)} />}
    </nav>
  );
}
