import type { Encoder } from "../../kit/encode.ts";
import { AdminDefinition } from "../../proto/gen/admin.ts";
import { BotsDefinition } from "../../proto/gen/bot.ts";
import { ConversationsDefinition } from "../../proto/gen/conversation.ts";
import { FactorsDefinition } from "../../proto/gen/factor.ts";
import { FilesDefinition } from "../../proto/gen/file.ts";
import { GroupsDefinition } from "../../proto/gen/group.ts";
import { InboxesDefinition } from "../../proto/gen/inbox.ts";
import { LogDefinition } from "../../proto/gen/log.ts";
import { ProfilesDefinition } from "../../proto/gen/profile.ts";
import { RelationsDefinition } from "../../proto/gen/relation.ts";
import { SearchesDefinition } from "../../proto/gen/search.ts";
import { SessionsDefinition } from "../../proto/gen/session.ts";
import { UsersDefinition } from "../../proto/gen/user.ts";
import type { Data } from "../service.ts";

/** What the wire must know of a method beyond its proto file. */
interface Traits {
  /** May be sent to a second dbproxy when it is not known whether the first did it. */
  idempotent: boolean;
  /** Travels in batches on the stream; others are calls of their own, whose big answers delay nobody. */
  hot: boolean;
  /** Calls with one routing key are begun in the order they were made, also when the dbproxy changes. */
  ordered?: boolean;
  /** A field of the request with which it is not idempotent after all. */
  unless?: string;
}

const READ: Traits = { idempotent: true, hot: false };
const HOT: Traits = { idempotent: true, hot: true };
/** A write that may be repeated: its proto comment says so. */
const AGAIN: Traits = { idempotent: true, hot: false };
const ONCE: Traits = { idempotent: false, hot: false };

/** A method that is added to a proto file does not compile until it is described here. */
const TRAITS: { [S in keyof Data]: Record<keyof Data[S], Traits> } = {
  users: {
    create: ONCE,
    byIdentity: READ,
    link: AGAIN,
    get: HOT,
    credentials: READ,
    search: READ,
    setSeen: AGAIN,
    offerSetup: ONCE,
  },
  // A second Rotate of one token looks like a copied one and would end the session.
  sessions: {
    create: ONCE,
    rotate: ONCE,
    check: HOT,
    revoke: AGAIN,
    list: READ,
    rename: ONCE,
    running: HOT,
  },
  profiles: {
    get: READ,
    update: AGAIN,
    rename: ONCE,
    passwordHash: READ,
    setPassword: ONCE,
    open: READ,
    conversations: READ,
    delete: ONCE,
    erase: ONCE,
    erasing: READ,
  },
  // A second Use of one code finds it used.
  factors: { start: AGAIN, attempt: ONCE, confirm: ONCE, use: ONCE, remove: AGAIN },
  relations: {
    request: ONCE,
    answer: ONCE,
    withdraw: ONCE,
    remove: AGAIN,
    list: READ,
    sync: READ,
    expire: AGAIN,
    configure: AGAIN,
    tags: READ,
    block: ONCE,
    unblock: ONCE,
    watchable: HOT,
  },
  conversations: {
    openDirect: AGAIN,
    createGroup: ONCE,
    addMembers: AGAIN,
    leave: ONCE,
    get: HOT,
    list: READ,
    sync: HOT,
    members: READ,
    markRead: HOT,
    markDelivered: HOT,
    configure: ONCE,
    receipts: READ,
    audience: HOT,
    listening: HOT,
    listeningOf: HOT,
  },
  groups: {
    get: READ,
    // What sets something to a value appends nothing the second time.
    update: AGAIN,
    announce: AGAIN,
    setRole: AGAIN,
    transfer: ONCE,
    remove: ONCE,
    unban: AGAIN,
    bans: READ,
    mute: AGAIN,
    muteAll: AGAIN,
    setNickname: AGAIN,
    dissolve: ONCE,
    createLink: ONCE,
    links: READ,
    revokeLink: AGAIN,
    preview: READ,
    join: AGAIN,
    requests: READ,
    answer: ONCE,
  },
  log: {
    append: { ...HOT, ordered: true },
    read: HOT,
    history: READ,
    change: AGAIN,
    edits: READ,
    get: READ,
    pins: READ,
    hide: AGAIN,
    moved: HOT,
    tail: HOT,
    epoch: { ...HOT, unless: "raise" },
  },
  inboxes: { read: HOT },
  files: {
    create: ONCE,
    get: HOT,
    upload: READ,
    advance: ONCE,
    complete: AGAIN,
    remove: AGAIN,
    removeOf: AGAIN,
    listOf: READ,
    sweep: ONCE,
    swept: AGAIN,
    known: READ,
  },
  // What an admin does twice stands in the audit log twice, so it is not done again unasked.
  admin: {
    note: ONCE,
    listAccounts: ONCE,
    setDisabled: ONCE,
    setRole: ONCE,
    endSessions: ONCE,
    deleteUser: ONCE,
    offerReset: ONCE,
    useReset: ONCE,
    removeFactor: ONCE,
    members: ONCE,
    dissolve: ONCE,
    startBroadcast: ONCE,
    stepBroadcast: AGAIN,
    listBroadcasts: READ,
    listGroups: ONCE,
    audit: ONCE,
  },
  bots: {
    create: ONCE,
    list: READ,
    rename: AGAIN,
    delete: ONCE,
    createToken: ONCE,
    rotateToken: ONCE,
    revokeToken: AGAIN,
    checkToken: HOT,
  },
  searches: { messages: READ },
};

/** One method of Data as it goes over the wire. */
export interface Method extends Traits {
  service: keyof Data;
  /** Its name in Data: `append`. */
  name: string;
  /** `/imserver.v1.Log/Append` */
  path: string;
  request: Codec;
  response: Codec;
  /** What decides on a dbproxy: the same key goes to the same one. undefined: any will do. */
  key(request: unknown): number | undefined;
}

/** Of any one message type; which, only the generated definition knows. */
export interface Codec extends Encoder<unknown> {
  decode(bytes: Uint8Array): unknown;
}

interface ServiceDefinition {
  fullName: string;
  methods: Record<string, { name: string; requestType: Codec; responseType: Codec }>;
}

const DEFINITIONS: Record<keyof Data, unknown> = {
  users: UsersDefinition,
  sessions: SessionsDefinition,
  profiles: ProfilesDefinition,
  factors: FactorsDefinition,
  relations: RelationsDefinition,
  conversations: ConversationsDefinition,
  groups: GroupsDefinition,
  log: LogDefinition,
  inboxes: InboxesDefinition,
  files: FilesDefinition,
  admin: AdminDefinition,
  bots: BotsDefinition,
  searches: SearchesDefinition,
};

/** The first that a request has decides. What is about a conversation goes where the conversation is hot. */
const KEY_FIELDS = ["conversationId", "logId", "userId", "ownerId"];

export const METHODS: readonly Method[] = Object.keys(TRAITS).flatMap((service) =>
  methodsOf(service as keyof Data)
);

export const METHOD_BY_PATH: ReadonlyMap<string, Method> = new Map(METHODS.map((m) => [m.path, m]));

function methodsOf(service: keyof Data): Method[] {
  const { fullName, methods } = DEFINITIONS[service] as ServiceDefinition;
  const traits = TRAITS[service] as Record<string, Traits>;
  return Object.entries(methods).map(([name, { name: rpc, requestType, responseType }]) => ({
    service,
    name,
    path: `/${fullName}/${rpc}`,
    request: requestType,
    response: responseType,
    key: keyOf(requestType),
    ...traits[name],
  }));
}

/** A request decoded from nothing has all fields that every request has. */
function keyOf(type: Codec): Method["key"] {
  const empty = type.decode(new Uint8Array()) as Record<string, unknown>;
  const field = KEY_FIELDS.find((name) => name in empty);
  return (request) => field && (request as Record<string, number>)[field] || undefined;
}
