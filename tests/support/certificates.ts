/** A small authority for tests of mTLS, made with `openssl` once in a run. PEM texts. */

export interface Pair {
  cert: string;
  key: string;
}

export interface Certificates {
  ca: string;
  /** For 127.0.0.1 and localhost. */
  server: Pair;
  client: Pair;
  /** A client's, signed by an authority that nobody trusts. */
  stranger: Pair;
}

let made: Promise<Certificates> | undefined;

export function certificates(): Promise<Certificates> {
  return made ??= make();
}

async function make(): Promise<Certificates> {
  const folder = await Deno.makeTempDir({ prefix: "certificates_" });
  try {
    const trusted = await authority(folder, "trusted");
    const [server, client] = [await trusted.sign("server"), await trusted.sign("client")];
    const stranger = await (await authority(folder, "other")).sign("stranger");
    return { ca: trusted.ca, server, client, stranger };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const EC_KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
const NAMES = "subjectAltName=IP:127.0.0.1,DNS:localhost";

async function authority(folder: string, name: string) {
  const path = (file: string) => `${folder}/${name}_${file}`;
  const text = (file: string) => Deno.readTextFile(path(file));
  const issuer = ["-keyout", path("ca.key"), "-out", path("ca.pem")];
  await openssl("req", "-x509", ...EC_KEY, "-days", "2", "-subj", `/CN=${name}`, ...issuer);
  const sign = async (subject: string): Promise<Pair> => {
    const [key, pem] = [`${subject}.key`, `${subject}.pem`];
    const by = ["-CA", path("ca.pem"), "-CAkey", path("ca.key")];
    const names = ["-subj", `/CN=${subject}`, "-addext", NAMES, "-addext", "basicConstraints=CA:FALSE"];
    const out = ["-keyout", path(key), "-out", path(pem)];
    await openssl("req", "-x509", ...EC_KEY, "-days", "2", ...names, ...by, ...out);
    return { cert: await text(pem), key: await text(key) };
  };
  return { ca: await text("ca.pem"), sign };
}

async function openssl(...args: string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command("openssl", { args, stdin: "null" }).output();
  if (!success) throw new Error(`openssl failed\n${new TextDecoder().decode(stderr)}`);
}
