import { idleThenGoAway } from "./goaway.ts";

// The long cases (60, 120 and 270 s) are in `deno task soak`.
Deno.test("gateways that rested for 6 s outlive an orderly stop of their dbproxies, and reconnect", async () => {
  console.log(`  served again after ${await idleThenGoAway(6_000)} ms`);
});
