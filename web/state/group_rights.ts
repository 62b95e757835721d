import type { Conversation, Output } from "../../sdk/mod.ts";

export type Role = Conversation["role"];
export type Group = Output<"group.get">;

/** What a member may do; the server has the last word, this only hides what it would refuse. */

const RANKS: Record<Role, number> = { member: 0, admin: 1, owner: 2 };

export const isAdmin = (role: Role) => role !== "member";

export function mayEdit(role: Role, { whoChangesInfo }: Group): boolean {
  return isAdmin(role) || whoChangesInfo === "members";
}

export function mayInvite(role: Role, { whoInvites }: Group): boolean {
  return isAdmin(role) || whoInvites === "members";
}

/** Admins act on who stands lower than they do. */
export function mayActOn(mine: Role, theirs: Role): boolean {
  return isAdmin(mine) && RANKS[mine] > RANKS[theirs];
}
