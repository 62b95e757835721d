import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { createExport } from "./export.ts";

Deno.test("an export is read as it is sent: whoever takes it slowly makes nobody hold it", async () => {
  const nobody = { relations: [], more: false };
  let read = 0;
  const page = (after: number, limit: number) => {
    const entries = Array.from({ length: limit }, (_, i) => {
      // Nothing makes it smaller than three quarters.
      const body = JSON.stringify({ type: "text", text: randomBytes(3_000).toString("base64") });
      read += body.length;
      return { seq: after + i + 1, kind: "message", senderId: 2, at: 0, messageNo: 0, clientId: "", body };
    });
    return Promise.resolve({ entries, lastSeq: 1e9 });
  };
  const data = {
    profiles: {
      get: () => Promise.resolve({ user: { id: 2 }, bio: "", custom: "", email: "", phone: "", privacy: {} }),
      conversations: ({ afterId }: { afterId: number }) => Promise.resolve({ ids: afterId < 7 ? [7] : [] }),
    },
    sessions: { list: () => Promise.resolve({ sessions: [] }) },
    relations: { list: () => Promise.resolve(nobody) },
    inboxes: { read: () => Promise.resolve({ entries: [], lastSeq: 0 }) },
    conversations: { get: () => Promise.resolve({ id: 7, type: 1, settings: {} }) },
    log: { read: ({ after, limit }: { after: number; limit: number }) => page(after, limit) },
  };
  const { "user.export": exported } = createExport({ data: data as never, blobs: null });
  const download = await exported({ userId: 2, sessionId: 1, role: "user" } as never, {});
  let sent = 0;
  let ahead = 0;
  // A log without an end: who read it whole before sending would never send.
  for await (const bytes of download.read(0, Infinity)) {
    sent += bytes.length;
    ahead = Math.max(ahead, read * 0.75 - sent);
    if (sent > 40_000_000) break;
  }
  assert.ok(read > 40_000_000);
  assert.ok(ahead < 3_000_000, `${ahead} bytes were read and not sent`);
});
