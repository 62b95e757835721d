import type { Event } from "../proto/gen/event.ts";

/**
 * Port 2: what other nodes are told. A hint, never the truth: an event may be lost (then a client finds the
 * hole, or the sweep does), but events of one publisher on one channel come in the order of publishing.
 * Every implementation passes tests/contract/bus_cases.ts.
 */
export interface Bus {
  /** Tells whoever listens to the channel, on this node too. Never throws and never waits. */
  publish(channel: string, event: Event): void;
  /**
   * From when this resolves, `listener` hears every event published on the channel. Listeners must not throw.
   * The answer ends the subscription, at once.
   */
  subscribe(channel: string, listener: (event: Event) => void): Promise<() => void>;
  /**
   * Calls when events may have been lost, once listening works again: who must miss none asks the log then.
   * The answer ends it.
   */
  onGap(listener: () => void): () => void;
  close(): Promise<void>;
}

export type { Appended, Event, GatewayFigures } from "../proto/gen/event.ts";

/** A user's own devices: appends of direct conversations, memberships, markers, ended sessions. */
export const userChannel = (userId: number): string => `user:${userId}`;
/** Who wants to know whether a user is online. */
export const presenceChannel = (userId: number): string => `presence:${userId}`;
/** How gateways are: asked by one, answered by all. */
export const FIGURES_CHANNEL = "figures";
/** The members of a group. */
export const groupChannel = (conversationId: number): string => `group:${conversationId}`;
