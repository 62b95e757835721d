import { useEffect } from "preact/hooks";
import { Failure, Loading } from "../components/notice.tsx";
import { fileSize } from "../state/file_size.ts";
import { tell } from "../state/settings.ts";
import { type Figures, figures, type Gateway, type Point, points, trouble, watchFigures } from "./figures.ts";
import { Word } from "./parts.tsx";
import { Sparkline } from "./sparkline.tsx";
import { number, shortMoment, When } from "./when.tsx";
import { words } from "./words.ts";

const ROOM = 90;

/** How the server is now, and how it has been for three minutes. */
export function Overview() {
  useEffect(watchFigures, []);
  const found = figures.value;
  if (!found) {
    const retry = () => trouble.value = null;
    return trouble.value ? <Failure message={tell(trouble.value)} onRetry={retry} /> : <Loading />;
  }
  const { missing } = found.sum;
  return (
    <>
      {trouble.value !== null && <p class="error" role="alert">{words.value.stale}</p>}
      {missing > 0 && <p class="error" role="status">{words.value.someMissing(missing)}</p>}
      <Tiles {...found} />
      <Gateways gateways={found.gateways} />
    </>
  );
}

function Tiles({ sum }: Figures) {
  const w = words.value;
  const several = sum.gateways > 1;
  const times = (one: Figures["sum"]["ackMs"], name: string) =>
    one ? `${w.median} ${w.ms(number(one.p50, 1))}${several ? ` · ${w.ofSlowest}` : ""}` : name;
  return (
    <ul class="tiles" aria-label={w.overview} data-testid="figures">
      <Tile
        label={w.connections}
        value={number(sum.connections)}
        of={(point) => point.sum.connections}
      />
      <Tile
        label={w.usersOnline}
        value={number(sum.users)}
        of={(point) => point.sum.users}
        hint={several ? w.twice : undefined}
      />
      <Tile
        label={w.messagesPerSecond}
        value={number(sum.messagesPerSecond, 1)}
        of={(point) => point.sum.messagesPerSecond}
      />
      <Tile
        label={w.deliveriesPerSecond}
        value={number(sum.deliveriesPerSecond, 1)}
        of={(point) => point.sum.deliveriesPerSecond}
      />
      <Tile
        label={`${w.ack}, p99`}
        value={sum.ackMs ? w.ms(number(sum.ackMs.p99, 1)) : "–"}
        of={(point) => point.sum.ackMs?.p99 ?? 0}
        hint={times(sum.ackMs, w.noneMeasured)}
      />
      <Tile
        label={`${w.delivery}, p99`}
        value={sum.deliveryMs ? w.ms(number(sum.deliveryMs.p99, 1)) : "–"}
        of={(point) => point.sum.deliveryMs?.p99 ?? 0}
        hint={times(sum.deliveryMs, w.noneMeasured)}
      />
    </ul>
  );
}

interface TileProps {
  label: string;
  value: string;
  hint?: string;
  of: (point: Point) => number;
}

function Tile({ label, value, hint, of }: TileProps) {
  return (
    <li class="tile">
      <span class="tile-label">{label}</span>
      <span class="tile-value" data-testid="figure">{value}</span>
      <Sparkline values={points.value.map(of)} room={ROOM} />
      {hint && <span class="hint">{hint}</span>}
    </li>
  );
}

/** A table where there is room, cards where there is none; the roles say so either way. */
function Gateways({ gateways }: { gateways: readonly Gateway[] }) {
  const w = words.value;
  const columns = [
    w.gateway,
    w.connections,
    w.usersOnline,
    w.messagesPerSecond,
    w.ack,
    w.loopDelay,
    w.cpu,
    w.memory,
    w.queues,
  ];
  return (
    <section class="card">
      <h3 id="gateways">{w.gateways}</h3>
      <table class="cards-table figures" role="table" aria-labelledby="gateways">
        <thead role="rowgroup">
          <tr role="row">
            {columns.map((column) => <th key={column} role="columnheader" scope="col">{column}</th>)}
          </tr>
        </thead>
        <tbody role="rowgroup">
          {gateways.map((gateway) => <GatewayRow key={gateway.id} gateway={gateway} columns={columns} />)}
        </tbody>
      </table>
    </section>
  );
}

function GatewayRow({ gateway, columns }: { gateway: Gateway; columns: readonly string[] }) {
  const w = words.value;
  const { ackMs, loopDelayMs, missing } = gateway;
  const cells = [
    number(gateway.connections),
    number(gateway.users),
    number(gateway.messagesPerSecond, 1),
    ackMs ? w.ms(`${number(ackMs.p50, 1)} / ${number(ackMs.p99, 1)}`) : "–",
    loopDelayMs === null ? "–" : w.ms(number(loopDelayMs, 1)),
    number(gateway.cpu, 2),
    fileSize(gateway.memoryBytes),
    waiting(gateway),
  ];
  return (
    <tr role="row" class={missing ? "is-missing" : undefined}>
      <th role="rowheader" scope="row">
        <bdi>{gateway.name}</bdi>
        {missing && <Word danger>{w.missing}</Word>}
        <span class="hint">
          {missing ? w.missingSince(shortMoment(gateway.at)) : (
            <>
              {gateway.version} · {w.uptime} <When at={gateway.startedAt} />
            </>
          )}
        </span>
      </th>
      {cells.map((cell, i) => <td key={i} role="cell" data-label={columns[i + 1]}>{cell}</td>)}
    </tr>
  );
}

/** What waits, by its name in the metrics. */
function waiting({ queues, outboxBytes }: Gateway): string {
  const busy = Object.entries(queues).filter(([, length]) => length > 0)
    .map(([name, length]) => `${name} ${number(length)}`);
  if (outboxBytes > 0) busy.push(`${words.value.outbox} ${fileSize(outboxBytes)}`);
  return busy.join(", ") || words.value.none;
}
