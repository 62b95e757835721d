import type { OperationName } from "../../wire/operations.ts";
import type { Rows } from "./row.ts";
import { accounts } from "./rows/accounts.ts";
import { admin } from "./rows/admin.ts";
import { bots } from "./rows/bots.ts";
import { contacts } from "./rows/contacts.ts";
import { conversations } from "./rows/conversations.ts";
import { friends } from "./rows/friends.ts";
import { files } from "./rows/files.ts";
import { groups } from "./rows/groups.ts";
import { inbox } from "./rows/inbox.ts";
import { messages } from "./rows/messages.ts";
import { presence } from "./rows/presence.ts";
import { profiles } from "./rows/profiles.ts";
import { receipts } from "./rows/receipts.ts";
import { search } from "./rows/search.ts";
import { sessions } from "./rows/sessions.ts";

/** The matrix. An operation without a row is a type error here, and so is a row without its operation. */
export const rows: Rows<OperationName> = {
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
};
