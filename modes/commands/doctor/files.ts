import { resolve } from "node:path";
import { openS3Store } from "../../../blobs/s3.ts";
import { type Config, reasonOf } from "../../config.ts";
import { type Check, fault, ok, warning } from "./check.ts";
import { diskSpace } from "./places.ts";

export function filesChecks({ files, mode, dataDir }: Config): Check[] {
  if (mode === "dbproxy") return [];
  const name = "files";
  if (files === undefined) {
    return [{
      name,
      look: () =>
        Promise.resolve(warning(
          "this gateway keeps no files: uploads are refused",
          "name a store that all gateways share: --files s3://… or --files file:FOLDER on a network file system",
        )),
    }];
  }
  if (files.kind === "s3") return [{ name, look: () => lookAtBucket(files.target) }];
  const look = () => lookAtFolder(files.target);
  // Below the data folder it is the same disk.
  return resolve(files.target).startsWith(resolve(dataDir))
    ? [{ name, look }]
    : [{ name, look }, diskSpace("files' disk", files.target)];
}

async function lookAtFolder(folder: string) {
  const info = await Deno.stat(folder).catch(() => null);
  if (info === null) return ok(`${folder} is not there; the start makes it`);
  const probe = `${folder}/.probe-${crypto.randomUUID()}`;
  try {
    await Deno.writeTextFile(probe, "", { createNew: true });
    await Deno.remove(probe);
    return ok(`${folder} can be written to`);
  } catch (error) {
    return fault(
      `--files ${folder} cannot be written to (${reasonOf(error)})`,
      "chown it to the server's user, mount it, or name another folder",
    );
  }
}

/** Writes a few bytes, reads them and deletes them. */
async function lookAtBucket(target: string) {
  const { host, pathname } = new URL(target.replace(/^s3:/, "http:"));
  const name = `s3://${host}${pathname}`;
  const key = `doctor-${crypto.randomUUID()}`;
  try {
    const store = openS3Store(target);
    await store.write(key, new Uint8Array([1, 2, 3]));
    for await (const _ of store.read(key, 0, 3));
    await store.remove(key);
    return ok(`${name} takes, gives and deletes`);
  } catch (error) {
    const cause = (error as { cause?: unknown }).cause;
    const why = [error, cause].filter((one) => one instanceof Error).map((one) => (one as Error).message)
      .join(": ");
    return fault(
      `${name} does not take, give and delete (${why})`,
      "start it; correct the key, the secret, the bucket, ?region= and ?tls= of --files; let the key write there",
    );
  }
}
