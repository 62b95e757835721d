/**
 * Port 1: what is remembered. THE contract between a gateway and everything below it; its types are
 * generated from `proto/`, and the guarantees stand in the comments there.
 *
 * Every implementation (in this process, behind a worker, behind gRPC) passes tests/contract/data_cases.ts.
 * An expected failure is an `ImError` with the code the proto file names. A failure below (database away, a
 * bug) is `unavailable` or `internal`, and then a write may or may not have happened.
 */
import type { Admin } from "../proto/gen/admin.ts";
import type { Bots } from "../proto/gen/bot.ts";
import type { Conversations } from "../proto/gen/conversation.ts";
import type { Factors } from "../proto/gen/factor.ts";
import type { Files } from "../proto/gen/file.ts";
import type { Groups } from "../proto/gen/group.ts";
import type { Inboxes } from "../proto/gen/inbox.ts";
import type { Log } from "../proto/gen/log.ts";
import type { Profiles } from "../proto/gen/profile.ts";
import type { Relations } from "../proto/gen/relation.ts";
import type { Searches } from "../proto/gen/search.ts";
import type { Sessions } from "../proto/gen/session.ts";
import type { Users } from "../proto/gen/user.ts";

export interface Data {
  users: Users;
  sessions: Sessions;
  profiles: Profiles;
  factors: Factors;
  relations: Relations;
  conversations: Conversations;
  groups: Groups;
  log: Log;
  inboxes: Inboxes;
  files: Files;
  admin: Admin;
  bots: Bots;
  searches: Searches;
}

export {
  type Account,
  AccountState,
  type Admin,
  type AdminActor,
  type AdminGroup,
  type AdminGroupPage,
  type AuditLine,
  type AuditRequest,
  type Broadcast,
  type EndedSession,
  GroupState,
  type ListGroupsRequest,
} from "../proto/gen/admin.ts";
export type { Bots, BotToken } from "../proto/gen/bot.ts";
export {
  type ChangeResponse,
  type Conversation,
  type ConversationPage,
  type Conversations,
  type ConversationSettings,
  ConversationType,
  type ListMembersRequest,
  type Member,
  type MemberPage,
  MemberRole,
} from "../proto/gen/conversation.ts";
export type { Factors } from "../proto/gen/factor.ts";
export { type File, FilePurpose, type Files, type FileUpload, type Trash } from "../proto/gen/file.ts";
export { type Group, type GroupLink, type Groups, type UpdateGroupRequest, Who } from "../proto/gen/group.ts";
export type { Inboxes } from "../proto/gen/inbox.ts";
export {
  type AppendRequest,
  type AppendResponse,
  type ChangeMessageRequest,
  type ChangeMessageResponse,
  type Entry,
  type InboxAppended,
  type Log,
  LogKind,
  type MovedLog,
} from "../proto/gen/log.ts";
export {
  Audience,
  type GroupEntry,
  type Profile,
  type ProfileResponse,
  type Profiles,
} from "../proto/gen/profile.ts";
export {
  type Relation,
  type Relations,
  RelationState,
  type WatchableResponse,
} from "../proto/gen/relation.ts";
export type { Searches, SearchHit, SearchPlace, SearchRequest, SearchResponse } from "../proto/gen/search.ts";
export type { Session, Sessions } from "../proto/gen/session.ts";
export { type Identity, Role, type User, type Users } from "../proto/gen/user.ts";
