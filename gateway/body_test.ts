import assert from "node:assert/strict";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { ImError } from "../wire/errors.ts";
import { limitBodyTime, streamBody } from "./body.ts";

/** What becomes of a request whose body comes piece by piece with a pause before each. */
async function send(
  pieces: { bytes: number; afterMs: number }[],
  handle: (incoming: IncomingMessage, outgoing: ServerResponse) => Promise<void>,
): Promise<string> {
  const server = createServer({ requestTimeout: 0 }, (i, o) => void handle(i, o).catch(() => {}));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  using line = await Deno.connect({ port });
  const encode = (text: string) => new TextEncoder().encode(text);
  const length = pieces.reduce((sum, { bytes }) => sum + bytes, 0);
  let answer = "";
  const answered = Promise.withResolvers<void>();
  const reading = (async () => {
    for await (const chunk of line.readable) {
      answer += new TextDecoder().decode(chunk);
      answered.resolve();
    }
  })().catch(() => {}).finally(answered.resolve);
  const writer = line.writable.getWriter();
  try {
    await writer.write(encode(`POST / HTTP/1.1\r\nhost: x\r\ncontent-length: ${length}\r\n\r\n`));
    for (const { bytes, afterMs } of pieces) {
      await new Promise((resolve) => setTimeout(resolve, afterMs));
      await writer.write(new Uint8Array(bytes));
    }
  } catch {
    // Cut off while writing, which is what some of these want.
  }
  await answered.promise;
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await reading;
  return answer.split("\r\n\r\n").at(-1) ?? "";
}

const errors: unknown[] = [];
const counting =
  (options: Parameters<typeof streamBody>[1]) =>
  async (incoming: IncomingMessage, outgoing: ServerResponse) => {
    let count = 0;
    try {
      for await (const chunk of streamBody(incoming, options)) count += chunk.length;
      outgoing.end(`${count} bytes`);
    } catch (error) {
      errors.push(error);
    }
  };

Deno.test("a body may take long as a whole, as long as it comes", async () => {
  const pieces = Array.from({ length: 12 }, () => ({ bytes: 100, afterMs: 50 }));
  assert.equal(await send(pieces, counting({ stepMs: 250, stepBytes: 100 })), "1200 bytes");
});

Deno.test("one that stops or trickles is cut off", async () => {
  errors.length = 0;
  const stops = [{ bytes: 100, afterMs: 0 }, { bytes: 100, afterMs: 600 }];
  assert.equal(await send(stops, counting({ stepMs: 200, stepBytes: 100 })), "");
  const trickles = Array.from({ length: 20 }, () => ({ bytes: 1, afterMs: 40 }));
  assert.equal(await send(trickles, counting({ stepMs: 300, stepBytes: 100 })), "");
  assert.equal(errors.length, 2);
  for (const error of errors) assert.ok(error instanceof ImError && error.code === "invalid_request");
});

Deno.test("the time that the server itself takes is not counted against the client", async () => {
  const pieces = Array.from({ length: 4 }, () => ({ bytes: 100, afterMs: 20 }));
  const answer = await send(pieces, async (incoming, outgoing) => {
    let count = 0;
    for await (const chunk of streamBody(incoming, { stepMs: 300, stepBytes: 1000 })) {
      await new Promise((resolve) => setTimeout(resolve, 200));
      count += chunk.length;
    }
    outgoing.end(`${count} bytes`);
  });
  assert.equal(answer, "400 bytes");
});

Deno.test("a body of JSON has one limit for the whole", async () => {
  const read = (ms: number) => async (incoming: IncomingMessage, outgoing: ServerResponse) => {
    using _ = limitBodyTime(incoming, ms);
    for await (const _chunk of incoming);
    outgoing.end("read");
  };
  const pieces = Array.from({ length: 10 }, () => ({ bytes: 10, afterMs: 40 }));
  assert.equal(await send(pieces, read(10_000)), "read");
  assert.equal(await send(pieces, read(200)), "");
});
