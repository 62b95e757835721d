/**
 * `deno task sbom`: dist/sbom.cdx.json, every npm package of deno.lock as a CycloneDX 1.6 bill of materials
 * (ECMA-424) with package URLs and hashes. Packages that only tests use are in it too: the lock does not tell them apart.
 */

interface Lock {
  npm: Record<string, { integrity: string }>;
}

interface Component {
  type: "library";
  "bom-ref": string;
  group?: string;
  name: string;
  version: string;
  purl: string;
  hashes: { alg: "SHA-512"; content: string }[];
}

export interface Bom {
  bomFormat: "CycloneDX";
  specVersion: "1.6";
  version: 1;
  metadata: { component: { type: "application"; name: string; version: string } };
  components: Component[];
}

export function bomOf(lock: Lock, version: string): Bom {
  const components = new Map<string, Component>();
  for (const [key, { integrity }] of Object.entries(lock.npm)) {
    // Behind an underscore stand the peers it was resolved with: the package is the same.
    const [, group, name, version] = /^(?:(@[^/]+)\/)?([^@]+)@([^_]+)/.exec(key)!;
    const purl = `pkg:npm/${group ? `${encodeURIComponent(group)}/` : ""}${name}@${version}`;
    const [algorithm, base64] = integrity.split("-", 2);
    if (algorithm !== "sha512") throw new Error(`${key}: ${algorithm}`);
    const hashes = [{ alg: "SHA-512" as const, content: Uint8Array.fromBase64(base64).toHex() }];
    components.set(purl, {
      type: "library",
      "bom-ref": purl,
      ...group && { group },
      name,
      version,
      purl,
      hashes,
    });
  }
  return {
    bomFormat: "CycloneDX",
    specVersion: "1.6",
    version: 1,
    metadata: { component: { type: "application", name: "imserver", version } },
    components: [...components.values()],
  };
}

if (import.meta.main) {
  Deno.chdir(new URL("..", import.meta.url));
  const [lock, config] = await Promise.all(
    ["deno.lock", "deno.json"].map(async (path) => JSON.parse(await Deno.readTextFile(path))),
  );
  await Deno.mkdir("dist", { recursive: true });
  await Deno.writeTextFile("dist/sbom.cdx.json", JSON.stringify(bomOf(lock, config.version), null, 2));
}
