import { fault, ok, warning } from "./check.ts";

/** Tokens, sweeps and the order of events in logs take a second; what expires is off by as much as the clocks are. */
const FAULT_MS = 60_000;
const WARNING_MS = 2_000;

/** Whether another machine's clock goes with this one's. */
export function judgeClock(
  whose: string,
  { skewMs, skewErrorMs }: { skewMs: number; skewErrorMs: number },
): ReturnType<typeof ok> {
  const away = Math.max(0, Math.abs(skewMs) - skewErrorMs);
  const said = `${whose} is ${(Math.abs(skewMs) / 1000).toFixed(1)} s ${
    skewMs > 0 ? "ahead of" : "behind"
  } this machine's`;
  const remedy = "let all machines follow NTP (chrony, systemd-timesyncd)";
  if (away > FAULT_MS) return fault(said, remedy);
  return away > WARNING_MS ? warning(said, remedy) : ok(`${whose} agrees with this machine's`);
}
