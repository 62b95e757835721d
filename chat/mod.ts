import type { Directory } from "../bus/directory.ts";
import { type AccountParts, createAccounts } from "./accounts.ts";
import { type AdminParts, createAdminHandlers } from "./admin.ts";
import { type BotParts, createBotHandlers } from "./bots.ts";
import { createChanges } from "./changes.ts";
import { createContacts } from "./contacts.ts";
import { createConversations } from "./conversations.ts";
import { createFriends, type FriendParts } from "./friends.ts";
import type { DirectPolicy } from "./direct_policy.ts";
import { createExport } from "./export.ts";
import { createFiles, type FileParts } from "./files.ts";
import { createGroupAdmin } from "./group_admin.ts";
import { createGroupDoors } from "./group_doors.ts";
import { createGroups } from "./groups.ts";
import type { Handlers } from "./handlers.ts";
import { createInbox } from "./inbox.ts";
import { createPresenceHandlers } from "./presence_handlers.ts";
import type { Presence } from "./presence.ts";
import { createProfiles, type ProfileParts } from "./profiles.ts";
import { createReceipts } from "./receipts.ts";
import { createSearchHandlers } from "./search.ts";
import { createSecondFactor, type FactorParts } from "./second_factor.ts";
import { createSessionHandlers } from "./sessions.ts";
import { createSyncHandlers } from "./sync.ts";
import { createMessages } from "./messages.ts";

/** The rules of everything a client can do, over Data and Bus. */
export function createHandlers(
  parts:
    & AccountParts
    & AdminParts
    & BotParts
    & FactorParts
    & FileParts
    & FriendParts
    & ProfileParts
    & DirectPolicy
    & {
      recallWindowMs: number;
      maxGroupMembers: number;
      presence: Presence;
      directory: Directory;
    },
): Handlers {
  return {
    ...createAccounts(parts),
    ...createAdminHandlers(parts),
    ...createBotHandlers(parts),
    ...createContacts(parts),
    ...createConversations(parts),
    ...createFriends(parts),
    ...createFiles(parts),
    ...createGroups(parts),
    ...createGroupAdmin(parts),
    ...createGroupDoors(parts),
    ...createInbox(parts),
    ...createMessages(parts),
    ...createChanges(parts),
    ...createPresenceHandlers(parts),
    ...createExport(parts),
    ...createProfiles(parts),
    ...createReceipts(parts),
    ...createSearchHandlers(parts),
    ...createSecondFactor(parts),
    ...createSessionHandlers(parts),
    ...createSyncHandlers(parts),
  };
}
