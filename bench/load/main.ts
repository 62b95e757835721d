import { idle, type IdleJob } from "./idle.ts";
import { pairs, type PairsJob } from "./pairs.ts";
import { room, type RoomJob } from "./room.ts";
import { storm, type StormJob } from "./storm.ts";

/** A load in a process of its own (bench/run_load.ts): the job is JSON on stdin, its figures JSON on stdout. */
export type Job = PairsJob | RoomJob | IdleJob | StormJob;

function run(job: Job): Promise<Record<string, number>> {
  switch (job.kind) {
    case "pairs":
      return pairs(job);
    case "room":
      return room(job);
    case "idle":
      return idle(job);
    case "storm":
      return storm(job);
  }
}

if (import.meta.main) {
  try {
    console.log(JSON.stringify(await run(JSON.parse(await new Response(Deno.stdin.readable).text()))));
  } catch (error) {
    console.error((error as Error).stack);
    Deno.exit(1);
  }
  // Sockets that were cut may not know it yet.
  Deno.exit(0);
}
