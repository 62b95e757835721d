import { setTimeout as delay } from "node:timers/promises";
import { rssKiB } from "../proc.ts";
import { between, type Processes, read, round } from "./measure.ts";
import { inParallel, LoadPerson } from "./person.ts";

export interface IdleJob {
  kind: "idle";
  urls: readonly string[];
  people: readonly { accessToken: string }[];
  /** Connections that are being opened at a time. */
  atOnce: number;
  /** How long they are watched. */
  seconds: number;
  processes: Processes;
}

/** Everybody connects and says nothing. Throws when somebody is refused, or not there any more at the end. */
export async function idle({ urls, people, atOnce, seconds, processes }: IdleJob) {
  const memory = () =>
    Object.fromEntries(
      Object.entries(processes).map((
        [name, pids],
      ) => [name, pids.reduce((sum, pid) => sum + rssKiB(pid), 0)]),
    );
  const rssBefore = memory();
  const from = read(processes);
  let gone = 0;
  const connected = await inParallel(people.length, atOnce, async (index) => {
    const { accessToken } = people[index];
    const person = await LoadPerson.open({ url: urls[index % urls.length], accessToken, bufferBytes: 2048 });
    person.closed.then(() => gone += 1);
    return person;
  });
  const connecting = between(from, read(processes), people.length);
  await delay(10_000);
  const rssAfter = memory();
  const idleFrom = read(processes);
  await delay(seconds * 1000);
  const idleTo = read(processes);
  if (gone > 0) throw new Error(`void: ${gone} of ${people.length} are gone`);
  for (const person of connected) person.cut();
  const idleSeconds = (idleTo.atMs - idleFrom.atMs) / 1000;
  return {
    connectionsPerSecond: connecting.perSecond,
    connectCpuMsPer1000: connecting.cpuMsPer1000,
    ...Object.fromEntries(
      Object.entries(connecting).filter(([name]) => /.CpuMsPer1000$/.test(name))
        .map(([name, value]) => [name.replace("Cpu", "ConnectCpu"), value]),
    ),
    ...Object.fromEntries(
      Object.keys(processes).filter((name) => name !== "mariadb").flatMap((name) => [
        [`${name}KiBPerConnection`, round((rssAfter[name] - rssBefore[name]) / people.length)],
        [`${name}CpuPercentIdle`, round((idleTo.cpu[name] - idleFrom.cpu[name]) * 100 / idleSeconds)],
      ]),
    ),
  };
}
