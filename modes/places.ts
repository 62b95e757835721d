import type { Config } from "./config.ts";

/** Where the built web client lies: beside the bundled program, or in web/dist of a source checkout. */
export function assetsFolder(): URL {
  const main = new URL(Deno.mainModule);
  return new URL(main.pathname.endsWith(".ts") ? "./web/dist/" : "./web/", main);
}

/** How a person reaches this server. */
export function baseUrl(config: Pick<Config, "publicUrl" | "host">, port: number): string {
  if (config.publicUrl) return config.publicUrl;
  const everywhere = ["0.0.0.0", "::", "127.0.0.1", "::1"].includes(config.host);
  const host = everywhere ? "localhost" : config.host.includes(":") ? `[${config.host}]` : config.host;
  return `http://${host}:${port}`;
}

/** The token stands in the fragment, which browsers send to nobody and no proxy logs. */
export function setupUrl(url: string, token: string): string {
  return `${url}/setup#${token}`;
}
