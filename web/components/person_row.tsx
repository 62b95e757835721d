import type { User } from "../../sdk/mod.ts";
import { Avatar } from "./avatar.tsx";

interface PersonRowProps {
  user: User;
  /** What picking does, where the name alone does not say it. */
  label?: string;
  onPick: (user: User) => void;
}

export function PersonRow({ user, label, onPick }: PersonRowProps) {
  return (
    <li>
      <button type="button" class="row" aria-label={label} onClick={() => onPick(user)}>
        <Avatar id={user.id} name={user.displayName} />
        <span class="row-main">
          <bdi class="row-name">{user.displayName}</bdi>
          <bdi class="row-preview">@{user.username}</bdi>
        </span>
      </button>
    </li>
  );
}
