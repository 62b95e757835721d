import type * as z from "zod";
import { accounts } from "./operations/accounts.ts";
import { admin } from "./operations/admin.ts";
import { bots } from "./operations/bots.ts";
import { contacts } from "./operations/contacts.ts";
import { conversations } from "./operations/conversations.ts";
import { friends } from "./operations/friends.ts";
import { files } from "./operations/files.ts";
import { groups } from "./operations/groups.ts";
import { inbox } from "./operations/inbox.ts";
import { messages } from "./operations/messages.ts";
import { profiles } from "./operations/profiles.ts";
import { presence } from "./operations/presence.ts";
import { receipts } from "./operations/receipts.ts";
import { search } from "./operations/search.ts";
import { sessions } from "./operations/sessions.ts";

export type { Operation } from "./operations/operation.ts";

/** Everything a client can do; operations/operation.ts says how to read it. */
export const operations = {
  ...accounts,
  ...admin,
  ...bots,
  ...contacts,
  ...conversations,
  ...friends,
  ...files,
  ...groups,
  ...inbox,
  ...messages,
  ...presence,
  ...profiles,
  ...receipts,
  ...search,
  ...sessions,
} as const;

export type Operations = typeof operations;
export type OperationName = keyof Operations;
/** What a caller passes (defaults may be left out). */
export type Input<N extends OperationName> = z.input<Operations[N]["input"]>;
/** What a handler receives (defaults filled in). */
export type Parsed<N extends OperationName> = z.output<Operations[N]["input"]>;
export type Output<N extends OperationName> = z.output<Operations[N]["output"]>;
