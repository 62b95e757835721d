import type { OperationName } from "../../../wire/operations.ts";
import { members, people, type Rows } from "../row.ts";
import type { Actor, Scene } from "../scene.ts";

/** For the group's admins, of whom the owner is one. */
const groupAdmins = members("forbidden", { groupAdmin: "ok" });
/** For the owner alone: an admin may as little as a member. */
const ownerOnly = members("forbidden");

/** A group for one call, with the actor in it. */
const fresh = async (scene: Scene, actor: Actor) => ({ conversationId: (await scene.freshRoom(actor)).id });
/** The same, and a plain member of it. */
const aimed = async (scene: Scene, actor: Actor) => ({
  ...await fresh(scene, actor),
  userId: scene.target.id,
});
const inRoom = ({ room }: Scene) => ({ conversationId: room.id });

/** An invitation into a group of the owner's, for one call. */
async function invitation({ call, owner }: Scene, conversationId: string): Promise<string> {
  return (await call(owner, "group.createLink", { conversationId })).code;
}

/** Somebody who waits to be let in. */
async function asking(scene: Scene, actor: Actor) {
  const { call, owner, extra } = scene;
  const { conversationId } = await fresh(scene, actor);
  await call(owner, "group.update", { conversationId, approval: true });
  await call(extra, "group.join", { code: await invitation(scene, conversationId) });
  return { conversationId, userId: extra.id };
}

type GroupOperation = Exclude<
  Extract<OperationName, `group.${string}`>,
  "group.create" | "group.addMembers" | "group.leave"
>;

export const groups: Rows<GroupOperation> = {
  "group.get": { input: inRoom, expect: members("ok") },
  "group.update": [
    {
      about: "what it is called",
      input: async (scene, actor) => ({ ...await fresh(scene, actor), title: "another" }),
      expect: groupAdmins,
    },
    {
      about: "what it is called, where that is left to members",
      input: async (scene, actor) => {
        const { conversationId } = await fresh(scene, actor);
        await scene.call(scene.owner, "group.update", { conversationId, whoChangesInfo: "members" });
        return { conversationId, title: "another" };
      },
      expect: members("ok"),
    },
    {
      about: "what it allows",
      input: async (scene, actor) => ({ ...await fresh(scene, actor), historyForNewMembers: true }),
      expect: groupAdmins,
    },
  ],
  "group.announce": {
    input: async (scene, actor) => ({ ...await fresh(scene, actor), text: "hear" }),
    expect: groupAdmins,
  },
  "group.setNickname": {
    input: async (scene, actor) => ({ ...await fresh(scene, actor), nickname: "nick" }),
    expect: members("ok"),
  },
  "group.setRole": {
    input: async (scene, actor) => ({ ...await aimed(scene, actor), role: "admin" }),
    expect: ownerOnly,
  },
  "group.transfer": { input: aimed, expect: ownerOnly },
  "group.removeMember": [
    { about: "a member", input: aimed, expect: groupAdmins },
    {
      about: "the owner",
      input: async (scene, actor) => ({ ...await fresh(scene, actor), userId: scene.owner.id }),
      expect: members("forbidden"),
    },
  ],
  "group.ban": [
    { about: "a member", input: aimed, expect: groupAdmins },
    {
      about: "the owner",
      input: async (scene, actor) => ({ ...await fresh(scene, actor), userId: scene.owner.id }),
      expect: members("forbidden"),
    },
  ],
  "group.unban": { input: aimed, expect: groupAdmins },
  "group.bans": { input: inRoom, expect: groupAdmins },
  "group.mute": {
    input: async (scene, actor) => ({ ...await aimed(scene, actor), until: Number.MAX_SAFE_INTEGER }),
    expect: groupAdmins,
  },
  "group.muteAll": {
    input: async (scene, actor) => ({ ...await fresh(scene, actor), until: Number.MAX_SAFE_INTEGER }),
    expect: groupAdmins,
  },
  "group.dissolve": { input: fresh, expect: ownerOnly },
  "group.createLink": { input: fresh, expect: groupAdmins },
  "group.links": { input: inRoom, expect: groupAdmins },
  "group.revokeLink": {
    input: async (scene, actor) => {
      const { conversationId } = await fresh(scene, actor);
      return { conversationId, code: await invitation(scene, conversationId) };
    },
    expect: groupAdmins,
  },
  "group.preview": {
    input: async (scene) => ({ code: await invitation(scene, scene.room.id) }),
    expect: people("ok"),
  },
  "group.join": [
    {
      about: "with an invitation",
      input: async (scene, actor) => ({
        code: await invitation(scene, (await fresh(scene, actor)).conversationId),
      }),
      expect: people("ok"),
    },
    {
      about: "when one is banned",
      input: async (scene, actor) => {
        const { conversationId } = await fresh(scene, actor);
        const userId = actor.person ? actor.id : scene.extra.id;
        await scene.call(scene.owner, "group.ban", { conversationId, userId });
        return { code: await invitation(scene, conversationId) };
      },
      expect: people("banned"),
    },
    {
      about: "without one",
      input: () => ({ code: "AAAAAAAAAAAAAAAAAAAAAA" }),
      expect: people("link_invalid"),
    },
  ],
  "group.requests": { input: inRoom, expect: groupAdmins },
  "group.approve": { input: asking, expect: groupAdmins },
  "group.reject": { input: asking, expect: groupAdmins },
};
