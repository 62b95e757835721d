import { Buffer } from "node:buffer";
import { type ChannelCredentials, type ChannelOptions, credentials } from "@grpc/grpc-js";

/** PEM texts: whom to trust, and what to show for oneself where the dbproxy asks. */
export interface ClientTls {
  ca: string;
  cert?: string;
  key?: string;
  /** The name in the dbproxies' certificates, when it is not the host. An IPv6 address needs one. */
  serverName?: string;
}

/** How to reach a host safely, or in plain text without `tls`. */
export function secured(
  host: string,
  tls: ClientTls | undefined,
): { credentials: ChannelCredentials; options: ChannelOptions } {
  if (!tls) return { credentials: credentials.createInsecure(), options: {} };
  const { ca, cert, key, serverName } = tls;
  const byAddress = serverName === undefined && IPV4.test(host);
  const checked = byAddress ? { checkServerIdentity: checkAddress(host) } : {};
  const [roots, privateKey, chain] = [ca, key, cert].map((pem) =>
    pem === undefined ? null : Buffer.from(pem)
  );
  const made = credentials.createSsl(roots, privateKey, chain, checked);
  const name = byAddress ? NAMELESS : serverName;
  return { credentials: made, options: name ? { "grpc.ssl_target_name_override": name } : {} };
}

const IPV4 = /^\d+\.\d+\.\d+\.\d+$/;

/** TLS names the server it wants, and an address is no name: Deno refuses to send one. */
const NAMELESS = "imserver.invalid";

/** So the address is looked for in the certificate here. */
function checkAddress(host: string) {
  return (_name: string, { subjectaltname = "" }: { subjectaltname?: string }): Error | undefined => {
    if (subjectaltname.split(", ").includes(`IP Address:${host}`)) return undefined;
    return new Error(`The certificate is not for ${host} but for ${subjectaltname}`);
  };
}
