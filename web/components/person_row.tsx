import type { ComponentChildren } from "preact";
import type { User } from "../../sdk/mod.ts";
import { callOf } from "../state/naming.ts";
import { presenceOf } from "../state/presence.ts";
import { Avatar } from "./avatar.tsx";

interface PersonRowProps {
  user: User;
  /** What picking does, where the name alone does not say it. */
  label?: string;
  /** What else there is to say, in place of the username. */
  note?: string;
  /** Words beside the name, such as a role. */
  mark?: ComponentChildren;
  onPick?: (user: User) => void;
  /** Where it leads, in place of `onPick`. */
  href?: string;
  /** Whether that is what is shown. */
  current?: boolean;
  /** Buttons at its end. */
  children?: ComponentChildren;
}

/** A person in a list: a button, a link, or only a line. */
export function PersonRow({ user, label, note, mark, onPick, href, current, children }: PersonRowProps) {
  const content = (
    <>
      <PersonAvatar user={user} />
      <span class="row-main">
        <span class="row-line">
          <bdi class="row-name">{callOf(user)}</bdi>
          {mark}
        </span>
        <span class="row-preview" dir="auto">{note ?? `@${user.username}`}</span>
      </span>
    </>
  );
  return (
    <li class="person-line">
      {href !== undefined
        ? (
          <a class="row" href={href} aria-label={label} aria-current={current ? "page" : undefined}>
            {content}
          </a>
        )
        : onPick
        ? <button type="button" class="row" aria-label={label} onClick={() => onPick(user)}>{content}</button>
        : <div class="row still">{content}</div>}
      {children && <span class="person-actions">{children}</span>}
    </li>
  );
}

/** With a dot where the person is here now. */
export function PersonAvatar({ user, size }: { user: User; size?: "small" | "large" }) {
  const isOnline = presenceOf(user.id)?.online === true;
  return (
    <span class={isOnline ? "avatar-frame online" : "avatar-frame"}>
      <Avatar id={user.id} name={callOf(user)} picture={user.avatar} size={size} />
    </span>
  );
}
