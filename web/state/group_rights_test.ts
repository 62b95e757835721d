import assert from "node:assert/strict";
import { type Group, mayActOn, mayEdit, mayInvite, type Role } from "./group_rights.ts";

const ROLES: Role[] = ["member", "admin", "owner"];

Deno.test("admins act on who stands lower, members on nobody", () => {
  const pairs = ROLES.flatMap((mine) =>
    ROLES.filter((theirs) => mayActOn(mine, theirs)).map((one) => [mine, one])
  );
  assert.deepEqual(pairs, [["admin", "member"], ["owner", "member"], ["owner", "admin"]]);
});

Deno.test("members edit and invite where the group says so", () => {
  const closed = { whoChangesInfo: "admins", whoInvites: "admins" } as Group;
  const open = { whoChangesInfo: "members", whoInvites: "members" } as Group;
  assert.deepEqual(ROLES.map((role) => mayEdit(role, closed)), [false, true, true]);
  assert.deepEqual(ROLES.map((role) => mayInvite(role, closed)), [false, true, true]);
  assert.ok(mayEdit("member", open) && mayInvite("member", open));
});
