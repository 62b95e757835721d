import { createHash, createHmac, timingSafeEqual } from "node:crypto";

/**
 * A small S3 for tests: objects, multipart uploads, listing by pages, ranges, presigned links. It verifies SigV4 by the
 * book (AWS "Signature Version 4 signing process") and not by the client's library, and refuses what S3 refuses: a wrong
 * signature or body, old dates, parts under 5 MiB, tags that are not the parts'.
 */
export interface TestS3 {
  [Symbol.asyncDispose](): Promise<void>;
  /** For --files. */
  url: string;
  objects: Map<string, { bytes: Uint8Array; at: Date }>;
  uploads: Map<string, { key: string; at: Date; parts: Map<number, Uint8Array> }>;
  /** "PUT bucket/key" of each request that was let in. */
  requests: string[];
  /** So many of the next requests are answered 503. */
  failing: number;
}

const [KEY, SECRET, REGION, BUCKET] = ["AKIDTEST", "a/secret+of=tests", "eu-test-1", "files"];
const MIN_PART = 5 * 1024 * 1024;
const PAGE = 10;

export function startS3(): TestS3 {
  const objects: TestS3["objects"] = new Map();
  const uploads: TestS3["uploads"] = new Map();
  let ids = 0;
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async (request) => {
    const url = new URL(request.url);
    const body = new Uint8Array(await request.arrayBuffer());
    const wrong = complaint(request, url, body);
    if (wrong) return failure(403, wrong);
    if (self.failing > 0) {
      self.failing -= 1;
      return failure(503, "SlowDown");
    }
    self.requests.push(`${request.method} ${url.pathname.slice(1)}`);
    const [, bucket, key] = /^\/([^/]+)(?:\/(.+))?$/.exec(url.pathname) ?? [];
    if (bucket !== BUCKET) return failure(404, "NoSuchBucket");
    return key === undefined ? list(url.searchParams) : object(request, url.searchParams, key, body);
  });

  function list(query: URLSearchParams): Response {
    const prefix = query.get("prefix") ?? "";
    const isUploads = query.has("uploads");
    const all = isUploads
      ? [...uploads].map(([id, { key, at }]) => ({ key, at, id }))
      : [...objects].map(([key, { at }]) => ({ key, at, id: "" }));
    const after = query.get(isUploads ? "key-marker" : "continuation-token") ?? "";
    const left = all.filter(({ key }) => key.startsWith(prefix) && key > after)
      .sort((a, b) => a.key < b.key ? -1 : 1);
    const items = left.slice(0, PAGE).map(({ key, at, id }) =>
      isUploads
        ? `<Upload><Key>${key}</Key><UploadId>${id}</UploadId><Initiated>${at.toISOString()}</Initiated></Upload>`
        : `<Contents><Key>${key}</Key><LastModified>${at.toISOString()}</LastModified></Contents>`
    );
    const last = left[PAGE - 1]?.key ?? "";
    const next = isUploads ? "NextKeyMarker" : "NextContinuationToken";
    return xml(`${items.join("")}<IsTruncated>${left.length > PAGE}</IsTruncated><${next}>${last}</${next}>`);
  }

  function object(request: Request, query: URLSearchParams, key: string, body: Uint8Array): Response {
    const id = query.get("uploadId");
    const upload = id === null ? undefined : uploads.get(id);
    if (id !== null && upload?.key !== key) return failure(404, "NoSuchUpload");
    switch (request.method) {
      case "PUT":
        if (upload) upload.parts.set(Number(query.get("partNumber")), body);
        else objects.set(key, { bytes: body, at: new Date() });
        return new Response(null, { headers: { etag: etagOf(body) } });
      case "POST":
        if (upload) return complete(id!, upload, new TextDecoder().decode(body));
        uploads.set(`upload-${++ids}`, { key, at: new Date(), parts: new Map() });
        return xml(`<UploadId>upload-${ids}</UploadId>`);
      case "DELETE":
        if (upload) uploads.delete(id!);
        else objects.delete(key);
        return new Response(null, { status: 204 });
      default:
        return get(request, query, key);
    }
  }

  function complete(
    id: string,
    { key, parts }: { key: string; parts: Map<number, Uint8Array> },
    text: string,
  ) {
    const asked = [...text.matchAll(/<PartNumber>(\d+)<\/PartNumber><ETag>(.*?)<\/ETag>/g)];
    const found = asked.map(([, number, etag]) => ({ etag, bytes: parts.get(Number(number)) }));
    if (found.length === 0) return failure(400, "MalformedXML");
    for (const [i, { etag, bytes }] of found.entries()) {
      if (!bytes || etagOf(bytes) !== etag) return failure(400, "InvalidPart");
      if (i < found.length - 1 && bytes.length < MIN_PART) return failure(400, "EntityTooSmall");
    }
    const whole = new Uint8Array(found.reduce((sum, { bytes }) => sum + bytes!.length, 0));
    let at = 0;
    for (const { bytes } of found) {
      whole.set(bytes!, at);
      at += bytes!.length;
    }
    objects.set(key, { bytes: whole, at: new Date() });
    uploads.delete(id);
    return xml(`<ETag>"whole-${found.length}"</ETag>`);
  }

  function get(request: Request, query: URLSearchParams, key: string): Response {
    const found = objects.get(key);
    if (!found) return failure(404, "NoSuchKey");
    const [, from, to] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.get("range") ?? "") ?? [];
    const bytes = from === undefined ? found.bytes : found.bytes.slice(Number(from), Number(to) + 1);
    const headers = new Headers({ "content-length": String(bytes.length) });
    for (const name of ["content-type", "content-disposition"]) {
      const value = query.get(`response-${name}`);
      if (value) headers.set(name, value);
    }
    return new Response(bytes as Uint8Array<ArrayBuffer>, {
      status: from === undefined ? 200 : 206,
      headers,
    });
  }

  const self: TestS3 = {
    url: `s3://${KEY}:${
      encodeURIComponent(SECRET)
    }@127.0.0.1:${server.addr.port}/${BUCKET}?region=${REGION}&tls=false`,
    objects,
    uploads,
    requests: [],
    failing: 0,
    [Symbol.asyncDispose]: async () => await server.shutdown(),
  };
  return self;
}

/** Why a request is not let in. */
function complaint(request: Request, url: URL, body: Uint8Array): string | null {
  const { headers } = request;
  const query = url.searchParams;
  const presigned = query.has("X-Amz-Signature");
  const [, credential = "", signedHeaders = "", given = ""] = presigned
    ? [
      "",
      query.get("X-Amz-Credential")!,
      query.get("X-Amz-SignedHeaders")!,
      query.get("X-Amz-Signature")!,
    ]
    : /^AWS4-HMAC-SHA256 Credential=([^,]+), SignedHeaders=([^,]+), Signature=([0-9a-f]{64})$/
      .exec(headers.get("authorization") ?? "") ?? [];
  const date = (presigned ? query.get("X-Amz-Date") : headers.get("x-amz-date")) ?? "";
  const scope = `${date.slice(0, 8)}/${REGION}/s3/aws4_request`;
  if (credential !== `${KEY}/${scope}`) return "InvalidAccessKeyId";
  const at = Date.parse(date.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, "$1-$2-$3T$4:$5:$6Z"));
  const lifetimeS = presigned ? Number(query.get("X-Amz-Expires")) : 900;
  if (!(Math.abs(Date.now() - at) <= lifetimeS * 1000)) return "RequestExpired";
  const payload = presigned ? "UNSIGNED-PAYLOAD" : headers.get("x-amz-content-sha256");
  if (!presigned && payload !== sha256(body)) return "XAmzContentSHA256Mismatch";
  const names = signedHeaders.split(";");
  if (!names.includes("host") || (!presigned && !names.includes("x-amz-content-sha256"))) {
    return "MissingHeader";
  }
  const pairs = [...query].filter(([name]) => name !== "X-Amz-Signature")
    .map(([name, value]) => `${escape(name)}=${escape(value)}`).sort();
  const canonical = [
    request.method,
    url.pathname.split("/").map((part) => escape(decodeURIComponent(part))).join("/"),
    pairs.join("&"),
    ...names.map((name) => `${name}:${(headers.get(name) ?? "").trim().replaceAll(/ +/g, " ")}`),
    "",
    signedHeaders,
    payload,
  ].join("\n");
  const toSign = ["AWS4-HMAC-SHA256", date, scope, sha256(canonical)].join("\n");
  const key = [date.slice(0, 8), REGION, "s3", "aws4_request"]
    .reduce<string | Uint8Array>((key, part) => hmac(key, part), `AWS4${SECRET}`);
  const expected = hmac(key, toSign);
  const signature = given.length === 64 ? Uint8Array.fromHex(given) : new Uint8Array(32);
  return timingSafeEqual(expected, signature) ? null : "SignatureDoesNotMatch";
}

const escape = (text: string) =>
  encodeURIComponent(text).replaceAll(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
const sha256 = (data: string | Uint8Array) => createHash("sha256").update(data).digest("hex");
const hmac = (key: string | Uint8Array, text: string) =>
  new Uint8Array(createHmac("sha256", key).update(text).digest());
const etagOf = (bytes: Uint8Array) => `"${createHash("md5").update(bytes).digest("hex")}"`;
const xml = (inner: string) => new Response(`<?xml version="1.0"?><Result>${inner}</Result>`);
const failure = (status: number, code: string) =>
  new Response(`<Error><Code>${code}</Code></Error>`, { status });
