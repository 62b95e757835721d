import { createPrivateKey, X509Certificate } from "node:crypto";
import { type Config, readPem } from "../../config.ts";
import { type Check, fault, ok, warning } from "./check.ts";

const DAY_MS = 24 * 3600_000;
const SOON_DAYS = 14;

type Said = ReturnType<typeof ok>;

export interface CertificateFiles {
  /** Paths, and the flags that name them. */
  cert: string;
  key: string;
  ca?: string;
  flags: { cert: string; key: string; ca?: string };
  /** Names that it must be good for. */
  names: readonly string[];
}

export function certificateChecks(config: Config): Check[] {
  const checks: Check[] = [];
  if (config.tlsCert && config.tlsKey && config.mode !== "dbproxy") {
    const names = config.publicUrl ? [new URL(config.publicUrl).hostname.replace(/^\[|\]$/g, "")] : [];
    const flags = { cert: "tls-cert", key: "tls-key" };
    checks.push({
      name: "TLS",
      look: () => look({ cert: config.tlsCert!, key: config.tlsKey!, flags, names }),
    });
  }
  if (config.grpcTlsCert && config.grpcTlsKey && config.mode !== "both") {
    const flags = { cert: "grpc-tls-cert", key: "grpc-tls-key", ca: "grpc-tls-ca" };
    const files = { cert: config.grpcTlsCert, key: config.grpcTlsKey, ca: config.grpcTlsCa };
    checks.push({ name: "gRPC TLS", look: () => look({ ...files, flags, names: [] }) });
  }
  return checks;
}

// deno-lint-ignore require-await -- a throw must become a rejection
async function look({ cert, key, ca, flags, names }: CertificateFiles): Promise<Said | Said[]> {
  const texts = {
    cert: readPem(flags.cert, cert),
    key: readPem(flags.key, key),
    ca: ca === undefined ? undefined : readPem(flags.ca!, ca),
  };
  return judgeCertificate(texts, { flags, names, now: Date.now() });
}

/** PEM texts in, findings out. */
export function judgeCertificate(
  { cert, key, ca }: { cert: string; key: string; ca?: string },
  { flags, names, now }: { flags: CertificateFiles["flags"]; names: readonly string[]; now: number },
): Said[] {
  let leaf: X509Certificate;
  try {
    leaf = new X509Certificate(cert);
  } catch {
    return [
      fault(
        `--${flags.cert} holds no certificate that can be read`,
        "name a PEM file that begins with the certificate",
      ),
    ];
  }
  const bad = [
    ...judgeTime(leaf, flags.cert, now),
    ...judgeKey(leaf, key, flags),
    ...names.flatMap((name) => judgeName(leaf, name, flags.cert)),
    ...ca === undefined ? [] : judgeSigner(leaf, cert, ca, flags),
  ];
  const until = new Date(leaf.validTo).toISOString().slice(0, 10);
  return bad.length > 0 ? bad : [ok(`the certificate is good until ${until} and belongs to its key`)];
}

function judgeTime(leaf: X509Certificate, flag: string, now: number): Said[] {
  const [from, to] = [Date.parse(leaf.validFrom), Date.parse(leaf.validTo)];
  const remedy = `put a renewed one where --${flag} points; a running server takes it up by itself`;
  if (now > to) return [fault(`the certificate of --${flag} expired on ${leaf.validTo}`, remedy)];
  if (now < from) {
    return [
      fault(
        `the certificate of --${flag} is not good before ${leaf.validFrom}`,
        "set this machine's clock, or use one that is good now",
      ),
    ];
  }
  const days = Math.floor((to - now) / DAY_MS);
  return days < SOON_DAYS && to - from > 2 * SOON_DAYS * DAY_MS
    ? [warning(`the certificate of --${flag} expires in ${days} days`, remedy)]
    : [];
}

function judgeKey(leaf: X509Certificate, key: string, flags: CertificateFiles["flags"]): Said[] {
  const remedy = `name the key that the certificate was made for with --${flags.key}`;
  try {
    if (leaf.checkPrivateKey(createPrivateKey(key))) return [];
  } catch {
    return [
      fault(
        `--${flags.key} holds no private key that can be read`,
        `${remedy}, in PEM and without a password`,
      ),
    ];
  }
  return [fault(`--${flags.cert} and --${flags.key} do not belong together`, remedy)];
}

function judgeName(leaf: X509Certificate, name: string, flag: string): Said[] {
  const isAddress = name.includes(":") || /^\d+(\.\d+){3}$/.test(name);
  const good = isAddress ? leaf.checkIP(name) : leaf.checkHost(name);
  if (good) return [];
  return [fault(
    `the certificate of --${flag} is for ${leaf.subjectAltName ?? leaf.subject}, and not for ${name}`,
    "use one that names the host of --public-url, or correct that",
  )];
}

/** The chain in the file may lead to the authority over others. */
function judgeSigner(
  leaf: X509Certificate,
  chain: string,
  ca: string,
  flags: CertificateFiles["flags"],
): Said[] {
  const known = [...pemsOf(ca), ...pemsOf(chain).slice(1)].map((pem) => new X509Certificate(pem));
  const roots = pemsOf(ca).length;
  const isTrusted = (one: X509Certificate, depth: number): boolean =>
    depth < 8 &&
    known.some((signer, index) =>
      one.checkIssued(signer) && one.verify(signer.publicKey) &&
      (index < roots || isTrusted(signer, depth + 1))
    );
  if (isTrusted(leaf, 0)) return [];
  return [fault(
    `--${flags.ca} has not signed the certificate of --${flags.cert}, so the other side will likely refuse it`,
    "make both sides' certificates with one authority and give both its certificate with --grpc-tls-ca",
  )];
}

function pemsOf(text: string): string[] {
  return text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
}
