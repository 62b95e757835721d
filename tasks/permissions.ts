/**
 * What the server may do, spelled out once. `deno task start`, `deno task dev`, dist/imserver and the tests
 * that start the server all run with exactly these; permissions_test.ts holds deno.json to this list.
 *
 * - net: it listens and dials where its flags say, so no host can be named here.
 * - read, write: the data folder, key file and configuration file are chosen by flags.
 * - env: only its own settings. `--ignore-env` makes every other variable read as undefined, so that a
 *   library asking for HOME or NODE_ENV gets an answer instead of an exception, and learns nothing.
 * - sys: the host name, for log lines and node names; statfs, how much room a disk has (imserver doctor).
 *
 * There is no run and no ffi: the server starts no process and loads no native code.
 */
export const permissions: readonly string[] = [
  "--no-prompt",
  "--allow-net",
  "--allow-read",
  "--allow-write",
  "--allow-env=IMSERVER_*",
  "--ignore-env",
  "--allow-sys=hostname,statfs",
];
