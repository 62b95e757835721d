import { useState } from "preact/hooks";
import type { Member } from "../../sdk/mod.ts";
import { attempt } from "../state/attempt.ts";
import { type Group, mayActOn, type Role } from "../state/group_rights.ts";
import { type MenuItem, openMenu } from "../state/menu.ts";
import { callOf } from "../state/naming.ts";
import { client } from "../state/server.ts";
import { text } from "../state/settings.ts";
import { Icon } from "./icon.tsx";
import { MuteDialog } from "./mute_dialog.tsx";
import { useConfirm } from "./use_confirm.tsx";

interface MemberMenuProps {
  group: Group;
  member: Member;
  /** One's own. */
  role: Role;
  isMuted: boolean;
}

/** What one may do with a member; nothing where one may do nothing. */
export function MemberMenu({ group, member, role, isMuted }: MemberMenuProps) {
  const [ask, dialog] = useConfirm();
  const [mutes, setMutes] = useState(false);
  const words = text.value.groups;
  const name = callOf(member.user);
  const of = { conversationId: group.id, userId: member.user.id };
  if (!mayActOn(role, member.role)) return null;
  const setRole = (next: "member" | "admin") =>
    attempt(() => client.call("group.setRole", { ...of, role: next }));
  const items: MenuItem[] = [
    ...role !== "owner" ? [] : [
      member.role === "admin"
        ? { label: words.makeMember, icon: "person" as const, run: () => setRole("member") }
        : { label: words.makeAdmin, icon: "shield" as const, run: () => setRole("admin") },
      {
        label: words.makeOwner,
        icon: "forward" as const,
        run: () =>
          ask({
            title: words.makeOwnerAsk(name),
            hint: words.makeOwnerHint,
            action: words.makeOwner,
            onConfirm: () => client.call("group.transfer", of).then(() => {}),
          }),
      },
    ],
    isMuted
      ? {
        label: words.unmuteMember,
        icon: "bell",
        run: () => attempt(() => client.call("group.mute", { ...of, until: null })),
      }
      : { label: words.muteMember, icon: "bellOff", run: () => setMutes(true) },
    {
      label: words.remove,
      icon: "leave",
      danger: true,
      line: true,
      run: () =>
        ask({
          title: words.removeAsk(name),
          hint: words.removeHint,
          action: words.remove,
          onConfirm: () => client.call("group.removeMember", of).then(() => {}),
        }),
    },
    {
      label: words.ban,
      icon: "block",
      danger: true,
      run: () =>
        ask({
          title: words.banAsk(name),
          hint: words.banHint,
          action: words.ban,
          onConfirm: () => client.call("group.ban", of).then(() => {}),
        }),
    },
  ];
  return (
    <>
      <button
        type="button"
        class="icon-button"
        aria-label={words.menuOf(name)}
        onClick={(event) => openMenu(event, words.menuOf(name), items)}
      >
        <Icon name="more" />
      </button>
      {dialog}
      {mutes && (
        <MuteDialog
          title={words.muteTitle(name)}
          onMute={(until) => client.call("group.mute", { ...of, until })}
          onClose={() => setMutes(false)}
        />
      )}
    </>
  );
}
