import { createHash } from "node:crypto";
import { AwsV4Signer } from "aws4fetch";
import { ImError } from "../wire/errors.ts";
import { type BlobStore, type BlobUpload, requireKey, type StoredBlob } from "./store.ts";

/** S3 takes no smaller part but the last, and 10,000 of them: 48 GiB. */
const PART_BYTES = 5 * 1024 * 1024;
/** A part on a slow line; and of everything until its answer begins. */
const TIMEOUT_MS = 60_000;
const TRIES = 3;
const RETRY_MS = 200;

interface Ask {
  method: string;
  key?: string;
  query?: Record<string, string>;
  headers?: Record<string, string>;
  body?: Uint8Array;
  /** Answers of these codes come back; others are errors. */
  accept?: readonly number[];
}

/**
 * Blobs in a bucket of S3 or of what speaks like it: `s3://KEY:SECRET@host:port/bucket/prefix?region=…&tls=false`. By
 * path and not by host name, which all of them understand. Every request is signed (SigV4), its body with it.
 */
export function openS3Store(address: string): BlobStore {
  const { endpoint, bucket, prefix, credentials } = parse(address);
  const urlOf = (key?: string, query: Record<string, string> = {}) => {
    const url = new URL(`${endpoint}/${bucket}${key === undefined ? "" : `/${prefix}${requireKey(key)}`}`);
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
    return url;
  };

  async function ask(
    { method, key, query, headers = {}, body, accept = [200, 204] }: Ask,
  ): Promise<Response> {
    const url = urlOf(key, query).href;
    const digest = createHash("sha256").update(body ?? "").digest("hex");
    for (let tried = 1;; tried++) {
      try {
        const signed = await new AwsV4Signer({
          ...credentials,
          url,
          method,
          headers: { ...headers, "x-amz-content-sha256": digest },
          service: "s3",
        }).sign();
        const response = await fetchInTime(signed.url, {
          method,
          headers: signed.headers,
          body: body as Uint8Array<ArrayBuffer> | undefined,
        });
        if (accept.includes(response.status)) return response;
        const text = await response.text();
        if (tried < TRIES && (response.status >= 500 || response.status === 429)) throw new Error(text);
        throw away(`S3 answered ${response.status} ${tag(text, "Code") ?? ""} to ${method}`);
      } catch (error) {
        if (error instanceof ImError || error instanceof TypeError && /key of a blob/.test(error.message)) {
          throw error;
        }
        if (tried === TRIES) throw away(String(error));
      }
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS * 2 ** tried * Math.random()));
    }
  }

  async function done(request: Ask): Promise<Response> {
    const response = await ask(request);
    await response.body?.cancel();
    return response;
  }

  /** A repeat of `finish` finds no upload any more, but the blob. */
  async function isThere(key: string, size: number): Promise<boolean> {
    const { status, headers } = await done({ method: "HEAD", key, accept: [200, 404] });
    return status === 200 && Number(headers.get("content-length")) === size;
  }

  async function* pages(
    query: Record<string, string>,
    next: Record<string, string>,
    element: string,
  ): AsyncGenerator<string> {
    for (let more: Record<string, string> = {};;) {
      const xml = await (await ask({ method: "GET", query: { ...query, prefix, ...more } })).text();
      yield* xml.match(new RegExp(`<${element}>.*?</${element}>`, "gs")) ?? [];
      if (tag(xml, "IsTruncated") !== "true") return;
      more = Object.fromEntries(Object.entries(next).map(([name, from]) => [name, tag(xml, from) ?? ""]));
    }
  }

  const keyIn = (xml: string) => (tag(xml, "Key") ?? "").slice(prefix.length);

  return {
    partBytes: PART_BYTES,

    write: async (key, bytes) => void await done({ method: "PUT", key, body: bytes }),

    async begin(key) {
      const xml = await (await ask({ method: "POST", key, query: { uploads: "" } })).text();
      const id = tag(xml, "UploadId");
      if (!id) throw away("S3 began an upload without an id");
      return id;
    },

    async put({ key, storeId }, number, bytes) {
      const query = { partNumber: String(number), uploadId: storeId };
      const { headers } = await done({ method: "PUT", key, query, body: bytes });
      return headers.get("etag") ?? "";
    },

    async finish({ key, storeId }, { size, tags }) {
      const parts = tags.map((etag, i) =>
        `<Part><PartNumber>${i + 1}</PartNumber><ETag>${etag}</ETag></Part>`
      );
      const body = new TextEncoder().encode(
        `<CompleteMultipartUpload>${parts.join("")}</CompleteMultipartUpload>`,
      );
      const query = { uploadId: storeId };
      const response = await ask({ method: "POST", key, query, body, accept: [200, 400, 404] });
      // Status 200 is sent before it is done: whether it went well, the text says.
      const failed = tag(await response.text(), "Code");
      if (failed === "InternalError" || failed === "SlowDown") throw away(failed);
      if (await isThere(key, size)) return;
      // What was made of too few parts is no blob of ours.
      if (!failed) await done({ method: "DELETE", key });
      throw new ImError("file_damaged");
    },

    abandon: async ({ key, storeId }: BlobUpload) => {
      if (storeId === "") return void requireKey(key);
      await done({ method: "DELETE", key, query: { uploadId: storeId }, accept: [200, 204, 404] });
    },

    async *read(key, from, to) {
      // A range of nothing cannot be asked for.
      const headers: Record<string, string> = to > from ? { range: `bytes=${from}-${to - 1}` } : {};
      const response = await ask({
        method: to > from ? "GET" : "HEAD",
        key,
        headers,
        accept: [200, 206, 404],
      });
      if (response.status === 404) {
        await response.body?.cancel();
        throw new ImError("file_not_found");
      }
      let left = to - from;
      for await (const chunk of response.body ?? []) {
        left -= chunk.length;
        yield chunk;
      }
      if (left !== 0) throw away("the blob ended early");
    },

    remove: async (key) => void await done({ method: "DELETE", key, accept: [200, 204, 404] }),

    async *list() {
      const objects = pages(
        { "list-type": "2" },
        { "continuation-token": "NextContinuationToken" },
        "Contents",
      );
      for await (const xml of objects) yield stored(xml, "LastModified");
      const next = { "key-marker": "NextKeyMarker", "upload-id-marker": "NextUploadIdMarker" };
      for await (const xml of pages({ uploads: "" }, next, "Upload")) {
        yield { ...stored(xml, "Initiated"), storeId: tag(xml, "UploadId") ?? "" };
      }
    },

    async link(key, { seconds, contentType, contentDisposition }) {
      const url = urlOf(key, {
        "X-Amz-Expires": String(seconds),
        "response-content-type": contentType,
        "response-content-disposition": contentDisposition,
      }).href;
      const signed = await new AwsV4Signer({
        ...credentials,
        url,
        method: "GET",
        service: "s3",
        signQuery: true,
      })
        .sign();
      return signed.url.href;
    },
  };

  function stored(xml: string, time: string): StoredBlob {
    return { key: keyIn(xml), at: Date.parse(tag(xml, time) ?? "") };
  }
}

function parse(address: string) {
  const url = new URL(address.replace(/^s3:/, "http:"));
  const [, bucket, prefix = ""] = /^\/([^/]+)(?:\/(.*))?$/.exec(url.pathname) ?? [];
  const scheme = url.searchParams.get("tls") === "false" ? "http" : "https";
  return {
    // The name without the port that was only a placeholder's: http leaves its own out.
    endpoint: `${scheme}://${url.host}`,
    bucket,
    prefix: prefix === "" || prefix.endsWith("/") ? prefix : `${prefix}/`,
    credentials: {
      accessKeyId: decodeURIComponent(url.username),
      secretAccessKey: decodeURIComponent(url.password),
      region: url.searchParams.get("region") ?? "us-east-1",
    },
  };
}

/** The limit is for the answer's beginning; what is read of it afterwards takes as long as its reader. */
async function fetchInTime(url: URL, init: RequestInit): Promise<Response> {
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(new Error("S3 did not answer in time")), TIMEOUT_MS);
  try {
    return await fetch(url, { ...init, signal: late.signal, redirect: "manual" });
  } finally {
    clearTimeout(timer);
  }
}

/** The text of the first such element. The answers of S3 are flat and regular, and none of ours are of hostile origin. */
function tag(xml: string, name: string): string | undefined {
  const text = new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1];
  return text?.replaceAll("&quot;", '"').replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll(
    "&amp;",
    "&",
  );
}

const away = (cause: string) =>
  Object.assign(new ImError("unavailable", "The files cannot be reached"), { cause });
