import { people, type Rows } from "../row.ts";

const ofTarget = ({ target }: { target: { id: string } }) => ({ userId: target.id });

export const friends: Rows<
  | "friend.request"
  | "friend.requests"
  | "friend.accept"
  | "friend.reject"
  | "friend.withdraw"
  | "friend.list"
  | "friend.sync"
  | "friend.configure"
  | "friend.tags"
  | "friend.remove"
  | "block.add"
  | "block.remove"
  | "block.list"
> = {
  "friend.request": { input: ofTarget, expect: people("ok", { friend: "conflict", blocked: "blocked" }) },
  "friend.requests": { input: () => ({}), expect: people("ok") },
  "friend.accept": [
    { about: "nobody has asked", input: ofTarget, expect: people("request_not_found") },
    {
      about: "somebody has asked",
      input: async ({ call, extra }, { id, person }) => {
        if (person) await call(person, "friend.remove", { userId: extra.id });
        if (person) await call(extra, "friend.request", { userId: id });
        return { userId: extra.id };
      },
      expect: people("ok"),
    },
  ],
  "friend.reject": [
    { about: "nobody has asked", input: ofTarget, expect: people("request_not_found") },
    {
      about: "somebody has asked",
      input: async ({ call, extra }, { id, person }) => {
        if (person) await call(person, "friend.remove", { userId: extra.id });
        if (person) await call(extra, "friend.request", { userId: id });
        return { userId: extra.id };
      },
      expect: people("ok"),
    },
  ],
  "friend.withdraw": [
    {
      about: "nothing was asked",
      input: async ({ owner, target, call }, { kind, person }) => {
        // With other ids (idor_test) a stranger may have asked the target, in the case of friend.request.
        if (kind === "stranger") await call(person!, "friend.remove", { userId: target.id });
        return { userId: owner.id };
      },
      expect: people("request_not_found"),
    },
    {
      about: "one has asked",
      input: async ({ call, extra }, { person }) => {
        if (person) await call(person, "friend.remove", { userId: extra.id });
        if (person) await call(person, "friend.request", { userId: extra.id });
        return { userId: extra.id };
      },
      expect: people("ok"),
    },
  ],
  "friend.list": { input: () => ({}), expect: people("ok") },
  "friend.sync": { input: () => ({}), expect: people("ok") },
  "friend.configure": {
    input: (scene) => ({ ...ofTarget(scene), remark: "T", tags: ["x"] }),
    expect: people("not_friends", { friend: "ok" }),
  },
  "friend.tags": { input: () => ({}), expect: people("ok") },
  "friend.remove": { input: ({ extra }) => ({ userId: extra.id }), expect: people("ok") },
  "block.add": { input: ({ extra }) => ({ userId: extra.id }), expect: people("ok") },
  "block.remove": { input: ({ extra }) => ({ userId: extra.id }), expect: people("ok") },
  "block.list": { input: () => ({}), expect: people("ok") },
};
