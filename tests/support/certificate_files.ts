import { runToEnd } from "./processes.ts";

/** An authority of the tests' own, and what it has signed, as PEM files in a folder. */
export interface CertificateFiles {
  ca: string;
  cert: string;
  key: string;
}

/** One certificate for 127.0.0.1 and localhost, good for servers and clients. */
export async function makeCertificateFiles(folder: string): Promise<CertificateFiles> {
  const file = (name: string) => `${folder}/${name}`;
  const openssl = (...words: string[]) => runToEnd("openssl", words);
  const key = ["-nodes", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"];
  const [ca, caKey, cert, own, request] = ["ca.pem", "ca.key", "cert.pem", "key.pem", "request"].map(file);
  const authority = ["-addext", "basicConstraints=critical,CA:TRUE"];
  await openssl(
    "req",
    "-x509",
    "-days",
    "2",
    ...key,
    ...authority,
    "-subj",
    "/CN=Test",
    "-keyout",
    caKey,
    "-out",
    ca,
  );
  await openssl("req", ...key, "-subj", "/CN=localhost", "-keyout", own, "-out", request);
  await Deno.writeTextFile(file("extensions"), "subjectAltName=IP:127.0.0.1,DNS:localhost");
  const signed = ["-CA", ca, "-CAkey", caKey, "-CAcreateserial", "-extfile", file("extensions")];
  await openssl("x509", "-req", "-in", request, ...signed, "-days", "2", "-out", cert);
  return { ca, cert, key: own };
}
