/** Time and ids are parameters, so that a failure replays from a seed. */
export interface Clock {
  /** Milliseconds since 1970. */
  now: () => number;
  nextId: () => number;
}
