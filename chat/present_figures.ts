import type { Output } from "../wire/mod.ts";
import type { Heard } from "./figures.ts";

type Shown = Output<"admin.figures">;
type Times = Shown["sum"]["ackMs"];

export function presentFigures(all: readonly Heard[]): Shown {
  const gateways = all.map(presentGateway);
  const there = gateways.filter(({ missing }) => !missing);
  const sum = (of: "connections" | "users" | "messagesPerSecond" | "deliveriesPerSecond") =>
    round(there.reduce((total, one) => total + one[of], 0));
  return {
    sum: {
      gateways: gateways.length,
      missing: gateways.length - there.length,
      connections: sum("connections"),
      users: sum("users"),
      messagesPerSecond: sum("messagesPerSecond"),
      deliveriesPerSecond: sum("deliveriesPerSecond"),
      ackMs: longest(there.map(({ ackMs }) => ackMs)),
      deliveryMs: longest(there.map(({ deliveryMs }) => deliveryMs)),
    },
    gateways,
  };
}

function presentGateway({ figures, at, missing }: Heard): Shown["gateways"][number] {
  const { id, name, version, startedAt, connections, users, memoryBytes, heapBytes, outboxBytes } = figures;
  return {
    ...{ id, name, version, startedAt, at, missing, connections, users },
    messagesPerSecond: round(figures.messagesPerSecond),
    deliveriesPerSecond: round(figures.deliveriesPerSecond),
    ackMs: times(figures.ackP50Ms, figures.ackP99Ms),
    deliveryMs: times(figures.deliveryP50Ms, figures.deliveryP99Ms),
    loopDelayMs: figures.loopDelayP99Ms === undefined ? null : round(figures.loopDelayP99Ms),
    cpu: round(figures.cpu),
    ...{ memoryBytes, heapBytes, outboxBytes },
    queues: Object.fromEntries(figures.queues.map(({ name, length }) => [name, length])),
  };
}

function times(p50: number | undefined, p99: number | undefined): Times {
  return p50 === undefined || p99 === undefined ? null : { p50: round(p50), p99: round(p99) };
}

/** Shares of several gateways cannot be put together; the worst is what one must know. */
function longest(all: readonly Times[]): Times {
  const known = all.filter((one) => one !== null);
  if (known.length === 0) return null;
  return { p50: Math.max(...known.map(({ p50 }) => p50)), p99: Math.max(...known.map(({ p99 }) => p99)) };
}

/** More digits would say more than was measured. */
const round = (value: number) => Math.max(0, Math.round(value * 100) / 100);
