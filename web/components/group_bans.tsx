import { callOf } from "../state/naming.ts";
import { meet } from "../state/people.ts";
import { client } from "../state/server.ts";
import { text } from "../state/settings.ts";
import { Act } from "./act.tsx";
import { PagedPeople } from "./paged_people.tsx";
import { PersonRow } from "./person_row.tsx";
import { useGroup } from "./use_group.ts";
import { usePages } from "./use_pages.ts";

/** Who may not come into a group. */
export function GroupBans({ conversationId }: { conversationId: string }) {
  const { version, reload } = useGroup(conversationId);
  const pages = usePages(
    async (cursor, signal) => {
      const input = { conversationId, ...(cursor && { cursor }) };
      const { bans: items, nextCursor } = await client.call("group.bans", input, { signal });
      meet(items.map(({ user }) => user));
      return { items, nextCursor };
    },
    conversationId,
    version,
  );
  const words = text.value.groups;
  const unban = async (userId: string) => {
    await client.call("group.unban", { conversationId, userId });
    reload();
  };
  return (
    <PagedPeople label={words.bans} empty={words.noBans} pages={pages}>
      {({ user }) => (
        <PersonRow key={user.id} user={user}>
          <Act label={words.unban} about={words.unbanOf(callOf(user))} run={() => unban(user.id)} />
        </PersonRow>
      )}
    </PagedPeople>
  );
}
