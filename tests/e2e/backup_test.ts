import assert from "node:assert/strict";
import { join } from "node:path";
import { type CopiedTable, keptTables } from "../../data/sql/copy.ts";
import { digestOf } from "../../data/sql/digest.ts";
import { withMysqlSnapshot } from "../../data/sql/mysql_snapshot.ts";
import type { Snapshot } from "../../data/sql/snapshot.ts";
import { withSqliteSnapshot } from "../../data/sql/sqlite_snapshot.ts";
import { PIXEL } from "../support/files.ts";
import { runHere } from "../support/command.ts";
import { fillServer, fillTheRest, type FullServer } from "../support/full_server.ts";
import { Mariadb } from "../support/mariadb.ts";
import { rest } from "../support/people.ts";
import { runProgram, startProcess, tempFolder } from "../support/server.ts";

/** A server with something in every table: backed up while it runs, restored, moved to MySQL and back. */

async function digests(snapshot: Snapshot): Promise<CopiedTable[]> {
  const found: CopiedTable[] = [];
  for (const table of await keptTables(snapshot)) {
    found.push({ name: table.name, ...await digestOf(snapshot, table) });
  }
  return found;
}

const ofFile = (path: string) => withSqliteSnapshot(path, digests);

/** In this process, or (`program`) as a process with the permissions of the server. */
async function run(args: string[], program = false) {
  const { code, stdout, stderr } = await (program ? runProgram(args) : runHere(args));
  return { code, stdout, all: `${args.join(" ")}\n${stdout}\n${stderr}` };
}

async function good(...args: string[]): Promise<string> {
  const { code, stdout, all } = await run(args);
  assert.equal(code, 0, all);
  return stdout;
}

async function goodProgram(...args: string[]): Promise<string> {
  const { code, stdout, all } = await run(args, true);
  assert.equal(code, 0, all);
  return stdout;
}

async function refused(said: RegExp, ...args: string[]): Promise<void> {
  const { code, all } = await run(args);
  assert.equal(code, 2, all);
  assert.match(all, said);
}

/** What the people of a filled server find. */
async function assertServes(url: string, { ann, bob, conversationId, fileId, bigFileId, texts }: FullServer) {
  const { entries } = await rest(
    url,
    "log.read",
    { conversationId, after: 0, limit: 10 },
    bob.accessToken,
  );
  const said = entries.filter(({ kind }) => kind === "message").slice(0, 4);
  assert.deepEqual(said.map(({ content }) => (content as { text: string }).text), texts);
  const get = async (id: string) => {
    const headers = { authorization: `Bearer ${ann.accessToken}` };
    const answer = await fetch(`${url}/api/v1/files/${id}`, { headers });
    assert.equal(answer.status, 200);
    return await answer.bytes();
  };
  assert.deepEqual(await get(fileId), PIXEL);
  assert.equal((await get(bigFileId)).length, 3_000_000);
  const again = await rest(url, "auth.login", { username: bob.username, password: "correct horse battery" });
  assert.equal(again.user.id, bob.id);
  const sent = { conversationId, clientId: "after", content: { type: "text" as const, text: "goes on" } };
  assert.ok((await rest(url, "message.send", sent, bob.accessToken)).seq > 1_200);
}

Deno.test("backup while it runs, restore, SQLite to MySQL and back: every row of every table, every file", async () => {
  using folder = tempFolder();
  const at = (name: string) => join(folder.path, name);
  const mariadb = Mariadb.start({ fast: true });
  const first = await startProcess({ dataDir: at("data"), args: ["--rate-limit-scale=0"] });
  const full = await fillServer(first);

  // Beside writers: the copy is of one moment, so no conversation has a hole.
  let writing = true;
  const writer = (async () => {
    const { bob, conversationId } = full;
    for (let n = 0; writing; n++) {
      const content = { type: "text" as const, text: `w${n}` };
      await rest(first.url, "message.send", { conversationId, clientId: `w${n}`, content }, bob.accessToken);
    }
  })();
  const live = await goodProgram("backup", at("live"), "--data-dir", at("data"));
  writing = false;
  await writer;
  assert.match(live, /rows in \d+ tables, \d files of 3\d{6} bytes/);
  await withSqliteSnapshot(at("live/imserver.db"), async (snapshot) => {
    const table = async (name: string) => (await snapshot.tables()).find((one) => one.name === name)!;
    const entries = await snapshot.page(await table("entries"), null, 100_000);
    const heads = await snapshot.page(await table("heads"), null, 100_000);
    const id = Number(full.conversationId);
    const seqs = entries.filter((row) => row.conversation_id === id).map(({ seq }) => seq);
    assert.deepEqual(seqs, seqs.map((_, index) => index + 1));
    assert.equal(heads.find((row) => row.conversation_id === id)!.last_seq, seqs.length);
  });
  await refused(/in use by another imserver/, "restore", at("live"), "--data-dir", at("data"), "--replace");
  await first.stop();

  const byHand = await fillTheRest(at("data/imserver.db"));
  const before = await ofFile(at("data/imserver.db"));
  assert.ok(before.length - byHand.length >= 25, `through the door nothing came into ${byHand}`);
  assert.deepEqual(before.filter(({ rows }) => rows === 0), [], "every table has rows");

  await good("backup", at("backup"), "--data-dir", at("data"));
  await refused(/not empty/, "backup", at("backup"), "--data-dir", at("data"));
  assert.deepEqual(await ofFile(at("backup/imserver.db")), before);
  assert.deepEqual(JSON.parse(await Deno.readTextFile(at("backup/manifest.json"))).tables, before);
  const mode = (path: string) => (Deno.statSync(path).mode! & 0o777).toString(8);
  assert.deepEqual(
    ["", "/imserver.db", "/keys.json", "/manifest.json"].map((file) => mode(at(`backup${file}`))),
    [
      "700",
      "600",
      "600",
      "600",
    ],
  );

  // Restored twice: each time an epoch that nobody has seen.
  const epochs: number[] = [];
  for (const more of [[], ["--replace"]]) {
    const said = await goodProgram("restore", at("backup"), "--data-dir", at("restored"), ...more);
    epochs.push(Number(/epoch (\d+)/.exec(said)![1]));
    const after = await ofFile(at("restored/imserver.db"));
    const differing = after.filter(({ checksum }, index) => checksum !== before[index].checksum);
    assert.deepEqual(differing.map(({ name }) => name), ["store"], "but for the epoch");
  }
  assert.ok(epochs[0] > 1 && epochs[1] > epochs[0], `${epochs}`);
  await refused(/is there already.*--replace/, "restore", at("backup"), "--data-dir", at("restored"));
  {
    await using server = await startProcess({ dataDir: at("restored") });
    await assertServes(server.url, full);
  }

  const server = await mariadb;
  try {
    const url = await server.database("im");
    const to = ["--data-dir", at("data"), "--database", url];
    const said = JSON.parse(await goodProgram("move", "--from", "sqlite", "--to", "mysql", ...to, "--json"));
    assert.deepEqual(
      said.tables,
      before.map(({ name, rows, checksum }) => ({ name, rows, checksum, good: true })),
    );
    assert.deepEqual(await withMysqlSnapshot(url, digests), before);
    await refused(/has something in it already.*--replace/, "move", "--from=sqlite", "--to=mysql", ...to);
    await good("move", "--from=sqlite", "--to=mysql", ...to, "--replace");
    assert.deepEqual(await withMysqlSnapshot(url, digests), before);

    await Deno.mkdir(at("back"), { mode: 0o700 });
    const back = `sqlite:${at("back/imserver.db")}`;
    await good("move", "--from", url, "--to", back, "--data-dir", at("data"));
    assert.deepEqual(await ofFile(at("back/imserver.db")), before);

    // A backup of MySQL is of the same kind, and goes into either.
    await goodProgram("backup", at("mysql-backup"), ...to);
    assert.deepEqual(await ofFile(at("mysql-backup/imserver.db")), before);
    const other = ["--data-dir", at("other"), "--database", await server.database("other")];
    await good("restore", at("backup"), ...other);
    await refused(/has something in it already/, "restore", at("backup"), ...other);

    // With the files where they were and the same keys, nobody notices.
    await using moved = await startProcess({ dataDir: at("data"), args: ["--database", url] });
    await assertServes(moved.url, full);
    await refused(
      /in use by \d+ other connections|in use by another imserver/,
      "move",
      "--from=mysql",
      "--to",
      back,
      ...to,
    );
  } finally {
    await server.remove();
  }
});

Deno.test("a backup that is damaged, not whole or of no database is refused; a lost file is told", async () => {
  using folder = tempFolder();
  const at = (name: string) => join(folder.path, name);
  {
    await using server = await startProcess({ dataDir: at("data"), args: ["--rate-limit-scale=0"] });
    await fillServer(server);
  }
  const blobs = [...Deno.readDirSync(at("data/files/blobs"))].map(({ name }) =>
    at(`data/files/blobs/${name}`)
  );
  const files = blobs.flatMap((path) => [...Deno.readDirSync(path)].map(({ name }) => `${path}/${name}`));
  const big = files.find((path) => Deno.statSync(path).size === 3_000_000)!;
  await good("backup", at("good"), "--data-dir", at("data"));
  using file = await Deno.open(big, { write: true });
  await file.write(new Uint8Array([9, 9, 9]));
  const lost = await run(["backup", at("lost"), "--data-dir", at("data")]);
  assert.equal(lost.code, 1);
  assert.match(
    lost.stdout,
    new RegExp(`1 files are lost or damaged at the server: ${big.split("/").at(-1)}`),
  );

  await refused(/no backup that is whole/, "restore", at("none"), "--data-dir", at("new"));
  await refused(/holds no database/, "backup", at("b"), "--data-dir", at("nowhere"));
  await Deno.rename(at("good/manifest.json"), at("kept.json"));
  await refused(/no backup that is whole/, "restore", at("good"), "--data-dir", at("new"));
  await Deno.rename(at("kept.json"), at("good/manifest.json"));
  using database = await Deno.open(at("good/imserver.db"), { write: true });
  await database.seek(20_000, Deno.SeekMode.Start);
  await database.write(new Uint8Array([1, 2, 3]));
  await refused(/is not what was written/, "restore", at("good"), "--data-dir", at("new"));
  assert.equal(await Deno.stat(at("new")).catch(() => null), null);
});
