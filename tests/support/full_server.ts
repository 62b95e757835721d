import { openSqlite } from "../../data/sql/sqlite.ts";
import { filledTables, keptTables } from "../../data/sql/copy.ts";
import { tablesOf } from "../../data/sql/snapshot.ts";
import { fileContent, imageContent, PIXEL, putBytes, uploadFile } from "./files.ts";
import { type Person, register, rest } from "./people.ts";
import type { Server } from "./server.ts";

export interface FullServer {
  ann: Person;
  bob: Person;
  conversationId: string;
  fileId: string;
  bigFileId: string;
  texts: string[];
}

/** Does a little of everything that a server remembers, through its own door. */
export async function fillServer({ url, stdout }: Pick<Server, "url" | "stdout">): Promise<FullServer> {
  const token = /\/setup#([\w-]{43})/.exec(stdout())![1];
  const setup = await rest(url, "auth.setup", { token, username: "boss", password: "correct horse battery" });
  const admin = { id: setup.user.id, accessToken: setup.accessToken! };
  const [ann, bob, carl, dora] = [
    await register(url),
    await register(url),
    await register(url),
    await register(url),
  ];
  const as = ann.accessToken;

  await rest(url, "user.update", { bio: "me 🙂", custom: { team: "红" }, email: "a@example.org" }, as);
  await rest(url, "user.setUsername", { username: `${ann.username}b` }, as);
  await rest(url, "friend.request", { userId: ann.id, note: "hi" }, bob.accessToken);
  await rest(url, "friend.accept", { userId: bob.id }, as);
  await rest(url, "friend.configure", { userId: bob.id, remark: "B", tags: ["work", "同事"] }, as);
  await rest(url, "block.add", { userId: dora.id }, as);

  const { id } = await rest(url, "conversation.openDirect", { userId: bob.id }, as);
  const texts = ["plain", "好世界 'quoted' \\ \"double\"", "🧑🏽‍🚀\n\ttabs and lines", "x".repeat(15_000)];
  const say = (
    who: Person,
    content: Parameters<typeof rest<"message.send">>[2]["content"],
    clientId: string,
  ) => rest(url, "message.send", { conversationId: id, clientId, content }, who.accessToken);
  for (const [at, text] of texts.entries()) await say(at % 2 ? bob : ann, { type: "text", text }, `c${at}`);
  for (let at = 0; at < 1_200; at += 50) {
    await Promise.all(
      Array.from({ length: 50 }, (_, n) => say(ann, { type: "text", text: `n${at + n}` }, `n${at + n}`)),
    );
  }
  const file = await uploadFile(url, ann, PIXEL, { name: "红.png" });
  const big = await uploadFile(url, ann, new Uint8Array(3_000_000).map((_, at) => at * 7 % 251), {
    name: "big.bin",
  });
  await say(ann, imageContent(file), "file");
  await say(ann, fileContent(big), "big");
  await rest(
    url,
    "message.edit",
    { conversationId: id, seq: 1, content: { type: "text", text: "edited" } },
    as,
  );
  await rest(url, "message.recall", { conversationId: id, seq: 5 }, as);
  await rest(url, "reaction.add", { conversationId: id, seq: 2, emoji: "👍" }, as);
  await rest(url, "message.pin", { conversationId: id, seq: 2 }, as);
  await rest(url, "message.delete", { conversationId: id, seqs: [3] }, as);
  await rest(url, "conversation.configure", { conversationId: id, muted: true, draft: "half a thou" }, as);
  await rest(url, "conversation.markRead", { conversationId: id, seq: 4 }, bob.accessToken);
  // One that is never finished.
  const half = await rest(url, "file.create", { name: "half.bin", size: 2_000_000 }, as);
  await putBytes(url, ann, half.file.id, 0, new Uint8Array(1_100_000));

  const group = await rest(url, "group.create", { title: "群 g", memberIds: [bob.id, carl.id] }, as);
  const conversationId = group.id;
  await rest(url, "group.update", { conversationId, description: "about", approval: true }, as);
  await rest(url, "group.announce", { conversationId, text: "listen" }, as);
  await rest(url, "group.setNickname", { conversationId, nickname: "Annie" }, as);
  await rest(url, "group.ban", { conversationId, userId: carl.id }, as);
  const { code } = await rest(url, "group.createLink", { conversationId, maxUses: 5 }, as);
  await rest(url, "group.join", { code, note: "please" }, dora.accessToken);
  const bot = await rest(url, "bot.create", { username: `${bob.username}bot` }, bob.accessToken);
  await rest(
    url,
    "bot.createToken",
    { botId: bot.id, name: "t", scopes: ["messages:write"] },
    bob.accessToken,
  );
  await rest(url, "admin.resetPassword", { userId: carl.id }, admin.accessToken);
  await rest(url, "admin.broadcast", { text: "to all", userIds: [bob.id] }, admin.accessToken);
  await rest(url, "user.delete", { password: "correct horse battery" }, dora.accessToken);
  return { ann, bob, conversationId: id, fileId: file.id, bigFileId: big.id, texts };
}

/**
 * Rows for the tables that hold something only while work is under way. The server must be stopped. Answers which
 * they are; from then on no table is empty.
 */
export async function fillTheRest(database: string): Promise<string[]> {
  const storage = openSqlite(database);
  try {
    const filled = await filledTables(storage);
    const tables = await keptTables({ tables: () => tablesOf(storage) });
    const empty: string[] = [];
    for (const { name, columns } of tables) {
      if (filled.includes(name) || (await storage.all(`SELECT 1 AS one FROM ${name} LIMIT 1`)).length > 0) {
        continue;
      }
      empty.push(name);
      const types = await storage.all<{ name: string; type: string }>(
        `SELECT name, type FROM pragma_table_info('${name}')`,
      );
      const typeOf = (column: string) => types.find((one) => one.name === column)!.type;
      await storage.transaction((tx) =>
        tx.insert(name, columns, [columns.map((column) => typeOf(column) === "TEXT" ? "some" : 1)])
      );
    }
    return empty;
  } finally {
    await storage.close();
  }
}
