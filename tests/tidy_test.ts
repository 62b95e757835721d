import assert from "node:assert/strict";
import * as rules from "./support/house_rules.ts";
import { type Module, parse, readSources } from "./support/sources.ts";

/** HOUSE.md, rules 1 to 4, over the real import graph; and for each rule a proof that it can fail. */

const house = readSources(new URL("../", import.meta.url)).map(parse);

/** A small house of these files. */
function fake(files: Record<string, string>): Module[] {
  return Object.entries(files).map(([path, text]) => parse({ path, text }));
}

interface Proof {
  /** Files that keep the rule. */
  good: Record<string, string>;
  /** Files that break it once each, in as many ways. */
  bad: Record<string, string>;
}

function rule(name: string, check: rules.Rule, { good, bad }: Proof): void {
  Deno.test(`tidy: ${name}`, () => assert.deepEqual(check(house), []));
  Deno.test(`tidy, the rule can fail: ${name}`, () => {
    assert.deepEqual(check(fake(good)), []);
    for (const [path, text] of Object.entries(bad)) {
      const found = check(fake({ [path]: text }));
      assert.equal(found.length, 1, `${path}: ${found}`);
      assert.ok(found[0].includes(path), found[0]);
    }
  });
}

rule("imports run down only", rules.importsRunDown, {
  good: {
    "main.ts": `import "./modes/run.ts"; await import("./kit/log.ts");`,
    "chat/hub.ts": `import type { Bus } from "../bus/bus.ts"; import z from "npm:zod"; import "./mod.ts";`,
    "chat/hub_test.ts": `import "../modes/run.ts";`,
    "modes/version.ts": `import config from "../deno.json" with { type: "json" };`,
    "kit/log.ts": `// import "../chat/hub.ts"\nconst text = 'import "../chat/hub.ts"';`,
  },
  bad: {
    "chat/hub.ts": `import { serve } from "../gateway/ws.ts";`,
    "kit/log.ts": `import type { ImError } from "../wire/errors.ts";`,
    "data/local/log.ts": `export * from '../../bus/bus.ts';`,
    "bus/memory.ts": `await import("../data/service.ts");`,
    "auth/keys.ts": `import "../modes/config.ts";`,
    "gateway/rest.ts": `import {\n  a,\n  b,\n} from "../main.ts";`,
    "modes/run.ts": `await import(name);`,
    "helpers.ts": "export {};",
  },
});

rule("no loops of imports", rules.noLoops, {
  good: {
    "chat/a.ts": `import "./b.ts"; import "./c.ts";`,
    "chat/b.ts": `import "./c.ts";`,
    "chat/c.ts": `import "./d.ts";`,
  },
  bad: { "chat/a.ts": `import type { A } from "./a.ts";` },
});

Deno.test("tidy, the rule can fail: a loop over three files in two folders is named whole", () => {
  const loop = fake({
    "data/a.ts": `import "./b.ts";`,
    "data/b.ts": `import type { C } from "./local/c.ts";`,
    "data/local/c.ts": `export type { A } from "../a.ts";`,
  });
  assert.deepEqual(rules.noLoops(loop), ["data/a.ts → data/b.ts → data/local/c.ts → data/a.ts"]);
});

rule("only modes/ names an implementation", rules.onlyModesNamesAnImplementation, {
  good: {
    "modes/build.ts": `import "../data/local/mod.ts"; import "../bus/memory.ts";`,
    "chat/hub.ts": `import "../data/service.ts"; import "../bus/bus.ts";`,
    "data/local/mod.ts": `import "../sql/driver.ts";`,
    "chat/hub_test.ts": `import "../bus/memory.ts";`,
    "bench/append.ts": `import "../data/sql/sqlite.ts";`,
  },
  bad: {
    "main.ts": `import "./data/sql/sqlite.ts";`,
    "chat/hub.ts": `import { createMemoryBus } from "../bus/memory.ts";`,
    "gateway/ws.ts": `import type { Storage } from "../data/sql/driver.ts";`,
    "chat/messages.ts": `await import("../data/local/mod.ts");`,
  },
});

rule("nothing looks sideways", rules.noSideways, {
  good: {
    "sdk/client.ts": `import "../wire/mod.ts";`,
    "web/main.tsx": `import "../sdk/mod.ts"; import "../wire/errors.ts"; import "preact";`,
    "data/local/log.ts": `import "../sql/driver.ts"; import "../service.ts"; import "./entries.ts";`,
    "data/sql/sqlite.ts": `import "./driver.ts";`,
    "data/remote/client.ts": `import "../service.ts"; import "./methods.ts";`,
    "bus/redis.ts": `import "./bus.ts"; import "../kit/redis.ts";`,
  },
  bad: {
    "sdk/client.ts": `import "../kit/ids.ts";`,
    "sdk/link.ts": `import "../web/main.tsx";`,
    "web/main.tsx": `import type { Entry } from "../proto/gen/log.ts";`,
    "modes/both.ts": `import "../sdk/mod.ts";`,
    "data/local/log.ts": `import "../sql/sqlite.ts";`,
    "data/local/users.ts": `import "../remote/methods.ts";`,
    "data/remote/server.ts": `import "../local/mod.ts";`,
    "data/remote/client.ts": `import type { Row } from "../sql/driver.ts";`,
    "data/sql/migrate.ts": `import "../local/users.ts";`,
    "data/cached.ts": `import "./local/mod.ts";`,
    "data/sql/mysql.ts": `import "./sqlite.ts";`,
    "bus/redis.ts": `import "./memory.ts";`,
  },
});

rule("product code imports no tests", rules.noProductCodeImportsTests, {
  good: { "chat/hub_test.ts": `import "../tests/support/people.ts";` },
  bad: {
    "chat/hub.ts": `import "../tests/support/people.ts";`,
    "kit/log.ts": `import "./log_test.ts";`,
    "modes/run.ts": `await import("../tasks/pack.ts");`,
  },
});

rule("wire imports nothing of ours", rules.wireImportsNothingOfOurs, {
  good: { "wire/schemas.ts": `import * as z from "zod"; import "./errors.ts";` },
  bad: { "wire/schemas.ts": `import type { Entry } from "../proto/gen/log.ts";` },
});

rule("SQL is in data/ and migrations/ only", rules.sqlInData, {
  good: {
    "data/local/log.ts": 'db.all("SELECT seq FROM entries");',
    "data/sql/sqlite.ts": 'db.exec("PRAGMA busy_timeout = 0");',
    "migrations/0001.ts": 'const a = "CREATE TABLE users (id INTEGER)";',
    "chat/hub.ts": "// SELECT seq FROM entries\nconst text = 'select one from the list';",
  },
  bad: {
    "chat/hub.ts": "db.all(`\n  SELECT seq, body\n  FROM entries`);",
    "modes/build.ts": 'run("INSERT INTO users VALUES (1)");',
    "gateway/rest.ts": 'run("UPDATE users SET role = 1");',
    "data/cached.ts": 'run("DELETE FROM users");',
    "kit/health.ts": 'run("PRAGMA user_version");',
  },
});

rule("sockets are in gateway/ only, but for gRPC, the client's and the operator's", rules.socketsInGateway, {
  good: {
    "gateway/ws.ts": `import { WebSocketServer } from "ws";`,
    "kit/health.ts": `import { createServer } from "node:http";`,
    "data/remote/server.ts": `import { Server } from "@grpc/grpc-js";`,
    "sdk/socket.ts": `const socket = new WebSocket(url);`,
    "modes/ports.ts": `import type { Server } from "node:http";`,
    "chat/hub.ts": `// A WebSocket\nconst text = "WebSocket";`,
  },
  bad: {
    "chat/hub.ts": `import type { Data } from "./x.ts"; import { WebSocket } from "ws";`,
    "modes/ports.ts": `import { createServer, type Server } from "node:http";`,
    "web/main.tsx": `new WebSocket("/api");`,
    "bus/redis.ts": `await Deno.connect({ port: 6379 });`,
    "modes/gateway.ts": `import { Client } from "@grpc/grpc-js";`,
    "auth/keys.ts": `Deno.serve(() => new Response());`,
    "kit/log.ts": `await import("node:net");`,
  },
});

rule("proto/gen is known to data/ and bus/ only", rules.protoInDataAndBus, {
  good: {
    "data/service.ts": `export type { Log } from "../proto/gen/log.ts";`,
    "bus/bus.ts": `import type { Event } from "../proto/gen/event.ts";`,
  },
  bad: { "chat/hub.ts": `import type { Entry } from "../proto/gen/log.ts";` },
});

rule(
  "the environment and the arguments are read in modes/config.ts and main.ts only",
  rules.environmentInConfig,
  {
    good: { "main.ts": "Deno.args; Deno.env.get(name);", "modes/config.ts": "Deno.env.toObject();" },
    bad: {
      "modes/build.ts": `Deno.env.get("HOME");`,
      "chat/hub.ts": "const [first] = Deno.args;",
      "kit/log.ts": `import process from "node:process";`,
      "gateway/ws.ts": "process.env.HOME;",
      "auth/keys.ts": `Deno["env"];`,
    },
  },
);

rule("the console is in kit/log.ts and main.ts only", rules.consoleInLog, {
  good: {
    "kit/log.ts": "console.log(line);",
    "chat/hub_test.ts": "console.log(1);",
    "sdk/a.ts": '"console.log"',
  },
  bad: { "chat/hub.ts": "console.error(1);", "web/main.tsx": "<p>{`${console.log(1)}`}</p>" },
});

rule("only main.ts ends the process", rules.exitInMain, {
  good: { "main.ts": "Deno.exit(0);", "tasks/test.ts": "Deno.exit(1);", "chat/hub.ts": "hub.exit(1);" },
  bad: { "modes/run.ts": "Deno.exit(1);", "kit/log.ts": "process.exit();" },
});

rule("no folder or file is called utils, common, helpers, manager or impl", rules.noVagueFolders, {
  good: { "chat/hub.ts": "", "chat/commonplace.ts": "" },
  bad: {
    "chat/utils/a.ts": "",
    "kit/helpers.ts": "",
    "common/a.ts": "",
    "data/impl/a.ts": "",
    "bus/manager.ts": "",
  },
});

rule("nothing is left to do and no type is escaped", rules.nothingLeftOver, {
  good: { "chat/hub.ts": 'const text = "as any";', "proto/gen/log.ts": "x as any" },
  bad: {
    "chat/hub.ts": "// TODO: more",
    "kit/log.ts": "/* FIXME */",
    "bus/bus.ts": "const x = y as any;",
    "data/service.ts": "// @ts-ignore\nx = 1;",
    "web/main.tsx": "// @ts-expect-error: none\nx = 1;",
    "sdk/mod.ts": "// deno-lint-ignore no-explicit-any\nlet x: any;",
  },
});

Deno.test("tidy: the house is really read", () => {
  const paths = new Set(house.map(({ path }) => path));
  for (const path of ["main.ts", "modes/both.ts", "chat/hub.ts", "web/main.tsx", "tests/tidy_test.ts"]) {
    assert.ok(paths.has(path), path);
  }
  const main = house.find(({ path }) => path === "main.ts");
  assert.ok(main?.imports.some(({ target }) => target === "modes/start.ts"), "a dynamic import is found");
  const missing = house.flatMap(({ path, imports }) =>
    imports.filter(({ ours, target }) => ours && /\.tsx?$/.test(target) && !paths.has(target))
      .map(({ target }) => `${path} imports ${target}`)
  );
  assert.deepEqual(missing.filter((line) => !line.includes("/dist/")), []);
});

Deno.test("tidy: strings, comments and patterns are told from code", () => {
  const view = (text: string) => parse({ path: "a.ts", text }).code;
  assert.equal(view('a("x // y"); b'), 'a("      "); b');
  assert.equal(view("a /* b ' */ c // d\ne"), "a           c     \ne");
  assert.equal(view("a = /[/'\"]+\\/x/g; b"), "a = /         /g; b");
  assert.equal(view("`a${b(`c${d}`)}e` + f"), "` ${b(` ${d}`)} ` + f");
  assert.equal(view("x = a / b / c; // '"), "x = a / b / c;     ");
  assert.equal(view("<p>don't</p>\nconsole"), "<p>don'     \nconsole");
});
