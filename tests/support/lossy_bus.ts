import type { Bus, Event } from "../../bus/bus.ts";

export type Fate = "pass" | "lose" | "double";

/** A Bus that loses or doubles what `fate` says; whether somebody listens makes no difference to it. */
export function lossyBus(bus: Bus, fate: (channel: string, event: Event) => Fate): Bus {
  return {
    ...bus,
    publish(channel, event) {
      const what = fate(channel, event);
      if (what !== "lose") bus.publish(channel, event);
      if (what === "double") bus.publish(channel, event);
    },
  };
}
