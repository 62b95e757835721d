import assert from "node:assert/strict";
import { createClientAddress } from "./client_address.ts";

const CASES: [what: string, peer: string, header: string | undefined, expected: string][] = [
  ["no header", "10.0.0.1", undefined, "10.0.0.1"],
  ["a stranger's header is not believed", "203.0.113.9", "198.51.100.1", "203.0.113.9"],
  ["a proxy's is", "10.0.0.1", "198.51.100.1", "198.51.100.1"],
  ["also over an IPv6 socket", "::ffff:10.0.0.1", "198.51.100.1", "198.51.100.1"],
  ["the last that is no proxy counts", "10.0.0.1", "1.1.1.1, 198.51.100.1, 10.9.9.9", "198.51.100.1"],
  ["what the client wrote itself does not", "10.0.0.1", "127.0.0.1, 198.51.100.1", "198.51.100.1"],
  ["nonsense ends it", "10.0.0.1", "198.51.100.1, not-an-address", "10.0.0.1"],
  ["nothing but proxies: the farthest", "10.0.0.1", "10.0.0.2, 10.0.0.3", "10.0.0.2"],
  ["an empty header", "10.0.0.1", "", "10.0.0.1"],
  ["IPv6, proxy and client", "fd00::5", "2001:db8::7", "2001:db8::7"],
];

const clientAddress = createClientAddress(["10.0.0.0/8", "fd00::/8", "192.0.2.1"]);

for (const [what, peer, header, expected] of CASES) {
  Deno.test(`client address: ${what}`, () => assert.equal(clientAddress(peer, header), expected));
}

Deno.test("client address: with no proxies named, nobody's header counts", () => {
  assert.equal(createClientAddress([])("127.0.0.1", "198.51.100.1"), "127.0.0.1");
});
