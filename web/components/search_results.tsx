import { useState } from "preact/hooks";
import type { User } from "../../sdk/mod.ts";
import { conversations, put } from "../state/conversations.ts";
import { conversationName } from "../state/naming.ts";
import { openChat } from "../state/route.ts";
import { searchFilter } from "../state/search_filter.ts";
import { client } from "../state/server.ts";
import { tell, text } from "../state/settings.ts";
import { ConversationRow } from "./conversation_row.tsx";
import { FoundMessages } from "./found_messages.tsx";
import { Loading } from "./notice.tsx";
import { PersonRow } from "./person_row.tsx";
import { usePeopleSearch } from "./use_people_search.ts";

/** What a search finds: people on the server, chats that are here already, and messages in all of them. */
export function SearchResults({ query, onDone }: { query: string; onDone: () => void }) {
  const { state, users, error } = usePeopleSearch(query);
  const [failure, setFailure] = useState<unknown>(null);
  const wanted = query.toLocaleLowerCase();
  const chats = conversations.value.filter((one) =>
    conversationName(one).toLocaleLowerCase().includes(wanted)
  );

  const open = async ({ id }: User) => {
    setFailure(null);
    try {
      const conversation = await client.call("conversation.openDirect", { userId: id });
      put([conversation]);
      openChat(conversation.id);
      onDone();
    } catch (error) {
      setFailure(error);
    }
  };

  if (searchFilter.value.conversationId !== null) {
    return (
      <div class="scroll" data-testid="search-results">
        <FoundMessages query={query} onDone={onDone} />
      </div>
    );
  }
  return (
    <div class="scroll" data-testid="search-results">
      {failure !== null && <p class="error" role="alert">{tell(failure)}</p>}
      <h2 class="section">{text.value.people}</h2>
      {state === "searching" && users.length === 0 && <Loading />}
      {state === "failed" && <p class="error" role="alert">{tell(error)}</p>}
      {state === "done" && users.length === 0 && <p class="section-empty">{text.value.noPeople(query)}</p>}
      <ul class="rows" aria-label={text.value.people}>
        {users.map((user) => <PersonRow key={user.id} user={user} onPick={open} />)}
      </ul>
      {chats.length > 0 && (
        <>
          <h2 class="section">{text.value.chats}</h2>
          <ul class="rows" aria-label={text.value.chats} onClick={onDone}>
            {chats.map((one) => <ConversationRow key={one.id} conversation={one} />)}
          </ul>
        </>
      )}
      <FoundMessages query={query} onDone={onDone} />
    </div>
  );
}
