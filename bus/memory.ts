import type { Bus, Event } from "./bus.ts";

/** The Bus of a node that is alone. Listeners are called before `publish` returns. */
export function createMemoryBus(): Bus {
  const channels = new Map<string, Set<(event: Event) => void>>();
  return {
    publish(channel, event) {
      for (const listener of channels.get(channel) ?? []) listener(event);
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
    close() {
      channels.clear();
      return Promise.resolve();
    },
  };
}
