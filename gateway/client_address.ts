import { BlockList, isIP } from "node:net";

/** The client's address: `peer` is who the connection comes from, `forwardedFor` the header as it came. */
export type ClientAddress = (peer: string, forwardedFor: string | string[] | undefined) => string;

/**
 * Believes X-Forwarded-For only from these addresses and networks, read from its end: each proxy adds who it heard
 * from, so the last one that is no proxy of ours is the client, and whatever the client wrote before that is not
 * looked at.
 */
export function createClientAddress(trusted: readonly string[]): ClientAddress {
  const list = new BlockList();
  for (const entry of trusted) {
    const [address, bits] = entry.split("/");
    if (bits === undefined) list.addAddress(address, familyOf(address));
    else list.addSubnet(address, Number(bits), familyOf(address));
  }
  const isTrusted = (address: string) => isIP(address) > 0 && list.check(address, familyOf(address));
  return (peer, forwardedFor) => {
    let client = plain(peer);
    if (forwardedFor === undefined || !isTrusted(client)) return client;
    const hops = String(forwardedFor).split(",").map((hop) => plain(hop.trim()));
    while (isTrusted(client) && hops.length > 0) {
      const hop = hops.pop()!;
      // What is no address was written by no proxy of ours.
      if (isIP(hop) === 0) break;
      client = hop;
    }
    return client;
  };
}

const familyOf = (address: string) => isIP(address) === 6 ? "ipv6" : "ipv4";

/** An IPv4 address that came over an IPv6 socket (RFC 4291, 2.5.5.2) as itself. */
function plain(address: string): string {
  return /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1] ?? address;
}
