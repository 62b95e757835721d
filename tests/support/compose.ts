import { parse } from "yaml";
import { runToEnd } from "./processes.ts";
import { ROOT } from "./server.ts";

/** compose.yaml as Compose understands it: merged, and with variables put in. */
export interface Compose {
  services: Record<string, Service>;
  networks: Record<string, { internal?: boolean } | null>;
  volumes: Record<string, unknown>;
  secrets: Record<string, { file: string }>;
}

export interface Service {
  image: string;
  user?: string;
  command?: string[];
  entrypoint?: string[];
  environment?: Record<string, string>;
  secrets?: (string | { source: string; target: string })[];
  volumes?: string[];
  ports?: string[];
  tmpfs?: string[];
  networks: string[] | Record<string, unknown>;
  depends_on?: Record<string, { condition: string }>;
  healthcheck?: { test: string[]; interval: string; timeout: string; start_period: string };
  read_only?: boolean;
  cap_drop?: string[];
  security_opt?: string[];
  restart?: string;
  stop_grace_period?: string;
  deploy?: { resources: { limits: { memory: string }; reservations: { memory: string } } };
  build?: { dockerfile: string };
}

/** What stands in .env after make-secrets.sh. */
const USER = { IMSERVER_UID: "1000", IMSERVER_GID: "1000" };

export async function readCompose(env: Record<string, string> = USER): Promise<Compose> {
  const text = await Deno.readTextFile(`${ROOT}compose.yaml`);
  const filled = text.replaceAll(/\$\{(\w+)(?::([-?])([^}]*))?\}/g, (all, name, kind, other) => {
    if (env[name] !== undefined) return env[name];
    if (kind === "-") return other;
    throw new Error(`${all} has no value`);
  });
  return parse(filled.replaceAll("$$", "$"), { merge: true });
}

/** The secrets of a service: name in /run/secrets and the secret's own. */
export function secretsOf({ secrets = [] }: Service): { target: string; source: string }[] {
  return secrets.map((one) => typeof one === "string" ? { source: one, target: one } : one);
}

/** Runs deploy/make-secrets.sh into a folder. */
export async function makeSecrets(folder: string): Promise<string> {
  const run = `${Deno.execPath()} run --allow-read --allow-env=IMSERVER_* --ignore-env ${ROOT}main.ts`;
  return await runToEnd("env", [
    `ENV_FILE=${folder}/env`,
    `IMSERVER=${run}`,
    "sh",
    `${ROOT}deploy/make-secrets.sh`,
    `${folder}/secrets`,
  ]);
}
