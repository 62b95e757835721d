import { useState } from "preact/hooks";
import type { Input } from "../../sdk/mod.ts";
import { attempt } from "../state/attempt.ts";
import { client } from "../state/server.ts";
import { tell, text } from "../state/settings.ts";
import { MuteDialog } from "./mute_dialog.tsx";
import { Failure, Loading } from "./notice.tsx";
import { Toggle } from "./toggle.tsx";
import { useGroup } from "./use_group.ts";

type Change = Omit<Input<"group.update">, "conversationId">;

/** What a group leaves to its members, and how people come in. */
export function GroupPermissions({ conversationId }: { conversationId: string }) {
  const { group, error, reload } = useGroup(conversationId);
  const [mutes, setMutes] = useState(false);
  const words = text.value.groups;
  if (group === null) {
    return error === null ? <Loading /> : <Failure message={tell(error)} onRetry={reload} />;
  }
  const change = async (next: Change) => {
    await attempt(() => client.call("group.update", { conversationId, ...next }));
    reload();
  };
  const who = (members: boolean) => members ? "members" as const : "admins" as const;
  const muteAll = async (until: number | null) => {
    await client.call("group.muteAll", { conversationId, until });
    reload();
  };
  return (
    <div class="about">
      <section class="card">
        <Toggle
          label={words.membersInvite}
          checked={group.whoInvites === "members"}
          onToggle={(on) => void change({ whoInvites: who(on) })}
        />
        <Toggle
          label={words.membersEdit}
          checked={group.whoChangesInfo === "members"}
          onToggle={(on) => void change({ whoChangesInfo: who(on) })}
        />
        <Toggle
          label={words.onlyAdminsWrite}
          checked={group.whoWrites === "admins"}
          onToggle={(on) => void change({ whoWrites: who(!on) })}
        />
        <Toggle
          label={words.approval}
          checked={group.approval}
          onToggle={(on) => void change({ approval: on })}
        />
        <Toggle
          label={words.history}
          checked={group.historyForNewMembers}
          onToggle={(on) => void change({ historyForNewMembers: on })}
        />
      </section>
      <section class="card">
        <Toggle
          label={words.muteAll}
          hint={words.muteAllHint}
          checked={group.mutedUntil !== null && group.mutedUntil > Date.now()}
          onToggle={(on) => on ? setMutes(true) : void attempt(() => muteAll(null))}
        />
      </section>
      {mutes && <MuteDialog title={words.muteAll} onMute={muteAll} onClose={() => setMutes(false)} />}
    </div>
  );
}
