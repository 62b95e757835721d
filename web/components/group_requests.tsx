import { countJoinRequests, joinRequests } from "../state/join_requests.ts";
import { callOf } from "../state/naming.ts";
import { meet } from "../state/people.ts";
import { client } from "../state/server.ts";
import { text } from "../state/settings.ts";
import { Act } from "./act.tsx";
import { PagedPeople } from "./paged_people.tsx";
import { PersonRow } from "./person_row.tsx";
import { usePages } from "./use_pages.ts";

/** Who asks to be let into a group. */
export function GroupRequests({ conversationId }: { conversationId: string }) {
  const pages = usePages(
    async (cursor, signal) => {
      const input = { conversationId, ...(cursor && { cursor }) };
      const { requests: items, nextCursor } = await client.call("group.requests", input, { signal });
      meet(items.map(({ user }) => user));
      return { items, nextCursor };
    },
    conversationId,
    joinRequests(conversationId),
  );
  const words = text.value.groups;
  const answer = async (name: "group.approve" | "group.reject", userId: string) => {
    await client.call(name, { conversationId, userId });
    await countJoinRequests(conversationId);
  };
  return (
    <PagedPeople label={words.requests} empty={words.noRequests} pages={pages}>
      {({ user, note }) => (
        <PersonRow
          key={user.id}
          user={user}
          note={note === "" ? undefined : text.value.contacts.asksWith(note)}
        >
          <Act
            label={words.reject}
            about={words.rejectOf(callOf(user))}
            run={() => answer("group.reject", user.id)}
          />
          <Act
            label={words.approve}
            about={words.approveOf(callOf(user))}
            primary
            run={() => answer("group.approve", user.id)}
          />
        </PersonRow>
      )}
    </PagedPeople>
  );
}
