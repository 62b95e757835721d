import type { Import, Module } from "./sources.ts";

/** The import rules of the house. Each takes all modules and answers a sentence for each violation. */
export type Rule = (modules: readonly Module[]) => string[];

/** A room may import rooms on lower floors and itself. sdk and web stand beside the house. */
const FLOORS: Record<string, number> = {
  "main.ts": 5,
  modes: 4,
  gateway: 3,
  chat: 2,
  data: 1,
  bus: 1,
  blobs: 1,
  media: 1,
  auth: 1,
  migrations: 0,
  wire: 0,
  proto: 0,
  kit: 0,
};

const BESIDE: Record<string, string[]> = { sdk: ["wire"], web: ["sdk", "wire"] };

/** What may look everywhere, and at what no product code may look. */
const WORKSHOPS = new Set(["tests", "bench", "tasks"]);

export const roomOf = (path: string): string => path.split("/", 1)[0];

/** Tests, benches and tasks, and the tests that stand beside the code. */
function isWorkshop(path: string): boolean {
  return WORKSHOPS.has(roomOf(path)) || /_(?:test|bench)\.tsx?$/.test(path) || path.includes("/testdata/");
}

const isGenerated = (path: string) => path.startsWith("proto/gen/");

const product = (modules: readonly Module[]) => modules.filter(({ path }) => !isWorkshop(path));
const written = (modules: readonly Module[]) => product(modules).filter(({ path }) => !isGenerated(path));

/** One sentence for each import between files of ours that is not allowed. */
function forbid(modules: readonly Module[], allowed: (from: string, to: string) => boolean): string[] {
  return product(modules).flatMap(({ path, imports }) =>
    imports.filter(({ ours, target }) => ours && !allowed(path, target))
      .map(({ target }) => `${path} imports ${target}`)
  );
}

export const importsRunDown: Rule = (modules) => {
  const homeless = product(modules).filter(({ path }) => !(roomOf(path) in FLOORS || roomOf(path) in BESIDE))
    .map(({ path }) => `${path} is in no room of the house`);
  const unreadable = product(modules).filter(({ code }) => /\bimport\s*\(\s*[^"'\s]/.test(code))
    .map(({ path }) => `${path} imports a name that is only known when it runs`);
  const up = forbid(modules, (from, to) => {
    const [above, below] = [roomOf(from), roomOf(to)];
    if (above in BESIDE || below in BESIDE || above === below || to === "deno.json") return true;
    return FLOORS[above] > FLOORS[below];
  });
  return [...homeless, ...unreadable, ...up];
};

/** Types count: files that need each other's types cannot be understood one by one either. */
export const noLoops: Rule = (modules) => {
  const graph = new Map(
    product(modules).map(({ path, imports }) => [path, imports.filter((i) => i.ours).map((i) => i.target)]),
  );
  const loops: string[] = [];
  const done = new Set<string>();
  const visit = (path: string, trail: string[]) => {
    const at = trail.indexOf(path);
    if (at >= 0) loops.push([...trail.slice(at), path].join(" → "));
    if (at >= 0 || done.has(path)) return;
    for (const next of graph.get(path) ?? []) visit(next, [...trail, path]);
    done.add(path);
  };
  for (const path of graph.keys()) visit(path, []);
  return loops;
};

/** The contracts: what others may know of a room that has several implementations. */
const PORTS: [room: string, ...contracts: string[]][] = [
  ["bus/", "bus/bus.ts", "bus/directory.ts"],
  ["blobs/", "blobs/store.ts"],
  ["data/", "data/service.ts"],
];

export const onlyModesNamesAnImplementation: Rule = (modules) =>
  forbid(
    modules,
    (from, to) =>
      roomOf(from) === "modes" ||
      PORTS.every(([room, ...contracts]) =>
        !to.startsWith(room) || from.startsWith(room) || contracts.includes(to)
      ),
  );

/** Parts that do the same thing in another way; none may know another. */
const STRANGERS: string[][] = [
  ["data/local/", "data/remote/"],
  ["data/sql/sqlite", "data/sql/mysql"],
  ["bus/memory", "bus/redis"],
  ["blobs/folder", "blobs/s3"],
];

/** The insides of data, each known to itself only; others in data see `contract`, where there is one. */
const INSIDES: { folder: string; contract?: string; mayUse?: string }[] = [
  { folder: "data/sql/", contract: "data/sql/driver.ts", mayUse: "data/local/" },
  { folder: "data/local/" },
  { folder: "data/remote/" },
];

export const noSideways: Rule = (modules) =>
  forbid(modules, (from, to) => {
    const [room, other] = [roomOf(from), roomOf(to)];
    if (room in BESIDE) return room === other || BESIDE[room].includes(other);
    if (other in BESIDE) return false;
    return !areStrangers(from, to) && (room !== "data" || maySeeInside(from, to));
  });

function areStrangers(from: string, to: string): boolean {
  return STRANGERS.some((parts) => {
    const [a, b] = [from, to].map((path) => parts.findIndex((part) => path.startsWith(part)));
    return a >= 0 && b >= 0 && a !== b;
  });
}

function maySeeInside(from: string, to: string): boolean {
  const inside = INSIDES.find(({ folder }) => to.startsWith(folder));
  if (!inside || from.startsWith(inside.folder)) return true;
  return to === inside.contract && inside.mayUse !== undefined && from.startsWith(inside.mayUse);
}

export const noProductCodeImportsTests: Rule = (modules) => forbid(modules, (_from, to) => !isWorkshop(to));

export const wireImportsNothingOfOurs: Rule = (modules) =>
  forbid(modules, (from, to) => roomOf(from) !== "wire" || roomOf(to) === "wire");

/** One owner each: nobody but the owners (folders end in a slash) may do it. */
function ownedBy(owners: readonly string[], what: string, does: (module: Module) => boolean): Rule {
  const isOwner = (path: string) => owners.some((o) => o.endsWith("/") ? path.startsWith(o) : path === o);
  return (modules) =>
    written(modules).filter((module) => !isOwner(module.path) && does(module))
      .map(({ path }) => `${path} ${what}`);
}

const SQL =
  /\b(?:SELECT\s[^;]{0,400}?\sFROM|INSERT\s+INTO|UPDATE\s+[\w$`{}]+\s+SET|DELETE\s+FROM|(?:CREATE|ALTER|DROP)\s+(?:TABLE|INDEX)|PRAGMA)\b/;
export const sqlInData: Rule = ownedBy(
  ["data/local/", "data/sql/", "migrations/"],
  "has SQL in it",
  ({ text }) => SQL.test(text),
);

const SOCKET_PACKAGES = [
  "ws",
  "node:http",
  "node:https",
  "node:http2",
  "node:net",
  "node:tls",
  "@hono/node-server",
  "@grpc/grpc-js",
];
// A type opens no socket, so who is handed a server may name what it is.
const opensSockets = ({ target, typeOnly }: Import) => !typeOnly && SOCKET_PACKAGES.includes(target);
export const socketsInGateway: Rule = ownedBy(
  // imserver bench is a client.
  ["gateway/", "data/remote/", "kit/health.ts", "sdk/", "modes/commands/bench/"],
  "uses sockets",
  ({ imports, code }) =>
    imports.some(opensSockets) ||
    /\bWebSocket(?:Stream|Server)?\b|\bDeno\.(?:serve|listen|connect)/.test(code),
);

export const protoInDataAndBus: Rule = ownedBy(
  ["data/", "bus/", "proto/"],
  "imports proto/",
  ({ imports }) => imports.some(({ target, ours }) => ours && roomOf(target) === "proto"),
);

export const environmentInConfig: Rule = ownedBy(
  ["modes/config.ts", "main.ts"],
  "reads the environment or the arguments",
  ({ code, imports }) =>
    /\bDeno\.(?:env|args)\b|\bDeno\s*\[|\bprocess\.(?:env|argv)\b/.test(code) ||
    imports.some(({ target }) => target === "node:process"),
);

export const consoleInLog: Rule = ownedBy(
  ["kit/log.ts", "main.ts"],
  "writes to the console",
  ({ code }) => /\bconsole\s*[.[]/.test(code),
);

export const exitInMain: Rule = ownedBy(
  ["main.ts"],
  "ends the process",
  ({ code }) => /\bDeno\.exit\b|\bprocess\.exit\b/.test(code),
);

const VAGUE = /^(?:utils?|common|helpers?|managers?|impl|misc|shared)$/i;
export const noVagueFolders: Rule = (modules) =>
  modules.filter(({ path }) => path.split("/").some((part) => VAGUE.test(part.replace(/\.tsx?$/, ""))))
    .map(({ path }) => `${path} has a name that says nothing`);

const LEFT_OVER =
  /\b(?:TODO|FIXME|XXX)\b|@ts-(?:ignore|expect-error|nocheck)|deno-lint-ignore\s+no-explicit-any/;
export const nothingLeftOver: Rule = (modules) =>
  written(modules).flatMap(({ path, raw, code }) => {
    const found = LEFT_OVER.exec(raw)?.[0] ?? /\bas\s+any\b/.exec(code)?.[0];
    return found ? [`${path} says ${found}`] : [];
  });
