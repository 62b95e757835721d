import type { Server } from "node:http";
import { type Gateway, type GatewayParts, listen, serveGateway } from "../gateway/server.ts";
import { type Config, UsageError } from "./config.ts";

/** Opening ports, with errors that name the flag. */

export async function openGateway(config: Config, parts: GatewayParts): Promise<Gateway> {
  try {
    return await serveGateway(config, parts);
  } catch (error) {
    if (isCode(error, "EADDRINUSE") && config.port === config.opsPort) {
      throw new UsageError(`--port ${config.port} is the --ops-port too; choose another for one of them`);
    }
    throw cannotListen(error, config, "");
  }
}

export async function openHealth(config: Config, server: Server): Promise<number> {
  const address = { host: config.opsHost, port: config.opsPort };
  try {
    return await listen(server, address);
  } catch (error) {
    throw cannotListen(error, address, "ops-");
  }
}

/** `prefix` begins the names of the two flags. */
function cannotListen(error: unknown, { host, port }: { host: string; port: number }, prefix: string) {
  const portFlag = `--${prefix}port`;
  const hostFlag = `--${prefix}host`;
  if (isCode(error, "EADDRINUSE")) {
    return new UsageError(
      `${portFlag} ${port} is in use by another program; stop that one or choose another port with ${portFlag}`,
    );
  }
  if (isCode(error, "EACCES")) {
    return new UsageError(
      `${portFlag} ${port} needs more rights; choose one above 1023 with ${portFlag}`,
    );
  }
  // Which code it is depends on the system and on what the text looks like.
  if (isCode(error, "EADDRNOTAVAIL", "EINVAL", "EAFNOSUPPORT", "ENOTFOUND", "EAI_AGAIN", "EAI_NONAME")) {
    return new UsageError(
      `${hostFlag} ${host} is not an address of this machine; choose another with ${hostFlag}`,
    );
  }
  return error;
}

function isCode(error: unknown, ...codes: string[]): boolean {
  return codes.includes((error as { code?: string }).code ?? "");
}
