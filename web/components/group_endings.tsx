import { closeDetails } from "../state/details.ts";
import type { Group, Role } from "../state/group_rights.ts";
import { chatId, closeChat } from "../state/route.ts";
import { client } from "../state/server.ts";
import { text } from "../state/settings.ts";
import { Icon } from "./icon.tsx";
import { useConfirm } from "./use_confirm.tsx";

/** The ways out of a group; asked before. */
export function GroupEndings({ group, role }: { group: Group; role: Role }) {
  const [ask, dialog] = useConfirm();
  const { id: conversationId, title } = group;
  const words = text.value.groups;
  const end = async (name: "group.leave" | "group.dissolve") => {
    await client.call(name, { conversationId });
    if (chatId.peek() !== conversationId) return;
    closeDetails();
    closeChat();
  };
  const leave = () =>
    ask({
      title: words.leaveAsk(title),
      hint: role === "owner" ? words.leaveOwnerHint : words.leaveHint,
      action: words.leave,
      onConfirm: () => end("group.leave"),
    });
  const dissolve = () =>
    ask({
      title: words.dissolveAsk(title),
      hint: words.dissolveHint,
      action: words.dissolve,
      onConfirm: () => end("group.dissolve"),
    });
  return (
    <section class="card tight">
      <button type="button" class="side-link danger" onClick={leave}>
        <Icon name="leave" />
        {words.leave}
      </button>
      {role === "owner" && (
        <button type="button" class="side-link danger" onClick={dissolve}>
          <Icon name="trash" />
          {words.dissolve}
        </button>
      )}
      {dialog}
    </section>
  );
}
