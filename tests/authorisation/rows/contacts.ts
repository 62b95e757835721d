import { people, type Rows } from "../row.ts";

const ofTarget = ({ target }: { target: { id: string } }) => ({ userId: target.id });

export const contacts: Rows<"user.me" | "user.get" | "user.search"> = {
  "user.me": { input: () => ({}), expect: people("ok") },
  "user.get": { input: ofTarget, expect: people("ok") },
  "user.search": { input: ({ target }) => ({ query: target.username }), expect: people("ok") },
};
