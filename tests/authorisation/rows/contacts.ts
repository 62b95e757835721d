import { people, type Rows } from "../row.ts";

const ofTarget = ({ target }: { target: { id: string } }) => ({ userId: target.id });

export const contacts: Rows<
  | "user.me"
  | "user.get"
  | "user.search"
  | "friend.request"
  | "friend.requests"
  | "friend.accept"
  | "friend.reject"
  | "friend.list"
  | "friend.remove"
  | "block.add"
  | "block.remove"
  | "block.list"
> = {
  "user.me": { input: () => ({}), expect: people("ok") },
  "user.get": { input: ofTarget, expect: people("ok") },
  "user.search": { input: ({ target }) => ({ query: target.username }), expect: people("ok") },
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
  "friend.list": { input: () => ({}), expect: people("ok") },
  "friend.remove": { input: ({ extra }) => ({ userId: extra.id }), expect: people("ok") },
  "block.add": { input: ({ extra }) => ({ userId: extra.id }), expect: people("ok") },
  "block.remove": { input: ({ extra }) => ({ userId: extra.id }), expect: people("ok") },
  "block.list": { input: () => ({}), expect: people("ok") },
};
