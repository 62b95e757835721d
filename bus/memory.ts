import type { Bus, Event } from "./bus.ts";

/**
 * The Bus of a node that is alone. Listeners are called before `publish` returns; only what a listener itself
 * publishes waits until everyone has heard the event before.
 */
export function createMemoryBus(): Bus {
  const channels = new Map<string, Set<(event: Event) => void>>();
  const waiting: { channel: string; event: Event }[] = [];
  let delivering = false;

  function deliver(channel: string, event: Event): void {
    // From a copy, so that who subscribes meanwhile hears from the next event on.
    for (const listener of [...channels.get(channel) ?? []]) {
      if (channels.get(channel)?.has(listener)) listener(event);
    }
  }

  return {
    publish(channel, event) {
      waiting.push({ channel, event });
      if (delivering) return;
      delivering = true;
      try {
        for (let next = waiting.shift(); next; next = waiting.shift()) deliver(next.channel, next.event);
      } finally {
        delivering = false;
      }
    },
    subscribe(channel, listener) {
      let listeners = channels.get(channel);
      if (!listeners) channels.set(channel, listeners = new Set());
      // Wrapped, so that one function subscribed twice is two subscriptions.
      const own = (event: Event) => listener(event);
      listeners.add(own);
      return Promise.resolve(() => {
        listeners.delete(own);
        if (listeners.size === 0 && channels.get(channel) === listeners) channels.delete(channel);
      });
    },
    // Nothing is lost on the way within a process.
    onGap: () => () => {},
    close() {
      channels.clear();
      return Promise.resolve();
    },
  };
}
