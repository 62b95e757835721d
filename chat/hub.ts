import { type Bus, type Event, groupChannel, userChannel } from "../bus/bus.ts";
import type { CloseCode } from "../wire/close_codes.ts";
import { appendFrame, notificationFrame, presentSettings } from "./present.ts";

/** One connection, as the hub sees it. Neither method may throw or wait. */
export interface Listener {
  readonly userId: number;
  readonly sessionId: number;
  /**
   * Queues one frame of JSON text; the same string goes to every listener. It is a hint: a listener that is
   * behind leaves it out, and tells its client to sync later.
   */
  push(frame: string): void;
  /** Ends the connection. */
  end(code: CloseCode): void;
}

export interface Hub {
  /**
   * From when this resolves, everything told on the user's channel and those of the user's groups reaches
   * the listener. The answer detaches it.
   */
  attach(listener: Listener): Promise<() => void>;
  readonly connections: number;
}

/** A user with at least one connection here. */
interface Online {
  userId: number;
  listeners: Set<Listener>;
  groups: Set<number>;
  /** Groups left while the list of groups was being read: that list may be older than the leaving. */
  leftMeanwhile: Set<number> | null;
  ready: Promise<void>;
  release: () => void;
}

/** A group with at least one member online here. */
interface Group {
  online: Set<Online>;
  /** The subscription on its way or made; null before it was tried, and after it failed. */
  ready: Promise<void> | null;
  release: () => void;
}

/**
 * Who is connected to this node. It listens on the Bus to exactly the users and groups that have somebody
 * here: from the first connection to the last.
 */
export function createHub(bus: Bus, groupIdsOf: (userId: number) => Promise<number[]>): Hub {
  const users = new Map<number, Online>();
  const groups = new Map<number, Group>();
  let connections = 0;

  function appear(userId: number): Online {
    const online: Online = {
      userId,
      listeners: new Set(),
      groups: new Set(),
      leftMeanwhile: new Set(),
      ready: Promise.resolve(),
      release: () => {},
    };
    users.set(userId, online);
    online.ready = (async () => {
      online.release = await bus.subscribe(userChannel(userId), (event) => hear(online, event));
      const ids = await groupIdsOf(userId);
      const left = online.leftMeanwhile;
      online.leftMeanwhile = null;
      await Promise.all(ids.filter((id) => !left?.has(id)).map((id) => enter(online, id)));
    })();
    // Before anyone hears of the failure, so that who tries again at once does not meet what failed.
    online.ready.catch(() => vanish(online));
    return online;
  }

  function vanish(online: Online): void {
    if (users.get(online.userId) === online) users.delete(online.userId);
    online.release();
    for (const id of [...online.groups]) quit(online, id);
  }

  function enter(online: Online, id: number): Promise<void> {
    let group = groups.get(id);
    if (!group) groups.set(id, group = { online: new Set(), ready: null, release: () => {} });
    group.online.add(online);
    online.groups.add(id);
    return group.ready ??= listen(id, group);
  }

  async function listen(id: number, group: Group): Promise<void> {
    try {
      const release = await bus.subscribe(groupChannel(id), (event) => toMembers(group.online, event));
      // Everyone may have left while the subscription was on its way.
      if (groups.get(id) === group) group.release = release;
      else release();
    } catch (error) {
      // The next who enters tries again, for everyone.
      group.ready = null;
      throw error;
    }
  }

  function quit(online: Online, id: number): void {
    online.groups.delete(id);
    const group = groups.get(id);
    if (!group?.online.delete(online) || group.online.size > 0) return;
    groups.delete(id);
    group.release();
  }

  function hear(online: Online, event: Event): void {
    const { body } = event;
    switch (body?.$case) {
      case "membership": {
        const { conversationId, joined, group } = body.membership;
        if (group && joined) enter(online, conversationId).catch(() => {}); // the Bus retries by itself
        if (group && !joined) {
          online.leftMeanwhile?.add(conversationId);
          quit(online, conversationId);
        }
        const change = joined ? "joined" : "left";
        const params = { conversationId: String(conversationId), change } as const;
        return pushAll(online.listeners, notificationFrame("conversation.changed", params));
      }
      case "read": {
        const { conversationId, readSeq, unread } = body.read;
        const params = { conversationId: String(conversationId), readSeq, unread };
        return pushAll(online.listeners, notificationFrame("conversation.read", params));
      }
      case "configured": {
        const { conversationId, settings } = body.configured;
        const params = { conversationId: String(conversationId), settings: presentSettings(settings!) };
        return pushAll(online.listeners, notificationFrame("conversation.configured", params));
      }
      case "hidden": {
        const params = { conversationId: String(body.hidden.conversationId), seqs: body.hidden.seqs };
        return pushAll(online.listeners, notificationFrame("message.hidden", params));
      }
      case "sessionEnded":
        for (const listener of [...online.listeners]) {
          if (listener.sessionId === body.sessionEnded.sessionId) {
            listener.end(body.sessionEnded.replaced ? "session_replaced" : "session_ended");
          }
        }
        return;
      default:
        return toMembers([online], event);
    }
  }

  return {
    get connections() {
      return connections;
    },
    async attach(listener) {
      const online = users.get(listener.userId) ?? appear(listener.userId);
      online.listeners.add(listener);
      connections += 1;
      const detach = () => {
        if (!online.listeners.delete(listener)) return;
        connections -= 1;
        if (online.listeners.size === 0) online.ready.then(leaveIfAlone, () => {});
      };
      const leaveIfAlone = () => {
        if (online.listeners.size === 0) vanish(online);
      };
      try {
        await online.ready;
      } catch (error) {
        detach();
        throw error;
      }
      return detach;
    },
  };
}

/** What happens in a conversation, to those of its members who are online here; the frame is built once. */
function toMembers(members: Iterable<Online>, { body }: Event): void {
  switch (body?.$case) {
    case "appended": {
      const frame = appendFrame(body.appended);
      for (const online of members) pushAll(online.listeners, frame);
      return;
    }
    case "receipt": {
      const { conversationId, userId, deliveredSeq, readSeq } = body.receipt;
      const place = { conversationId: String(conversationId), userId: String(userId) };
      const params = { ...place, deliveredSeq, ...(readSeq > 0 ? { readSeq } : {}) };
      return toOthers(members, userId, notificationFrame("receipt.moved", params));
    }
    case "typing": {
      const { conversationId, userId, on } = body.typing;
      const params = { conversationId: String(conversationId), userId: String(userId), on };
      return toOthers(members, userId, notificationFrame("typing.changed", params));
    }
  }
}

/** To everyone but the one who did it. */
function toOthers(members: Iterable<Online>, userId: number, frame: string): void {
  for (const online of members) if (online.userId !== userId) pushAll(online.listeners, frame);
}

function pushAll(listeners: Iterable<Listener>, frame: string): void {
  for (const listener of listeners) listener.push(frame);
}
