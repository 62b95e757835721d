interface Asked<K, V> {
  key: K;
  resolve: (value: V) => void;
  reject: (error: unknown) => void;
}

/**
 * One run for the questions of many askers, each about its own key. A question waits only while `atOnce` runs are
 * under way, and no run answers it that began before it was asked: so few askers are as fast as without this, and many
 * become few runs. `run` answers in the order of the keys, at most `max` of them; where it fails, it fails for all of
 * its askers.
 */
export function gathered<K, V>(
  run: (keys: readonly K[]) => Promise<readonly V[]>,
  { atOnce = 2, max = 200 }: { atOnce?: number; max?: number } = {},
): (key: K) => Promise<V> {
  const waiting: Asked<K, V>[] = [];
  let running = 0;

  async function work(): Promise<void> {
    running += 1;
    // Who asks in this turn comes along.
    await null;
    while (waiting.length > 0) {
      const asked = waiting.splice(0, max);
      try {
        const values = await run(asked.map(({ key }) => key));
        asked.forEach(({ resolve }, i) => resolve(values[i]));
      } catch (error) {
        for (const { reject } of asked) reject(error);
      }
    }
    running -= 1;
  }

  return (key) =>
    new Promise((resolve, reject) => {
      waiting.push({ key, resolve, reject });
      if (running < atOnce) void work();
    });
}
