import { people, type Rows } from "../row.ts";

export const inbox: Rows<"inbox.read"> = {
  "inbox.read": { input: () => ({}), expect: people("ok") },
};
