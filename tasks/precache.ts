import { createHash } from "node:crypto";

/** Not of the client's page: other pages, and the worker itself. */
const others = /^(docs\.|sw\.js$|index\.html$)|\/|\.gz$|^\./;

/**
 * Tells the service worker what the client's page is made of: each path with its `integrity`, and a version that is
 * another when any of them is. The worker so changes with every build that changes the page, which is what makes a
 * browser notice.
 */
export function addPrecache(files: Map<string, Uint8Array<ArrayBuffer>>, worker: string): void {
  const script = files.get(worker);
  const page = files.get("index.html");
  if (!script || !page) return;
  const names = [...files.keys()].filter((name) => !others.test(name)).sort();
  const shell = [
    ["/", integrityOf(page)],
    ...names.map((name) => [`/${name}`, integrityOf(files.get(name)!)]),
  ];
  const version = createHash("sha256").update(JSON.stringify(shell)).update(script).digest("hex").slice(
    0,
    16,
  );
  const line = `self.SHELL=${JSON.stringify({ version, files: shell })};\n`;
  files.set(worker, new Uint8Array([...new TextEncoder().encode(line), ...script]));
}

function integrityOf(data: Uint8Array): string {
  return `sha256-${createHash("sha256").update(data).digest("base64")}`;
}
