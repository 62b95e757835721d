import type { Server } from "node:http";
import { type Gateway, type GatewayParts, listen, serveGateway } from "../gateway/server.ts";
import { type Config, UsageError } from "./config.ts";

/** Opening ports, with errors that name the flag. */

export async function openGateway(config: Config, parts: GatewayParts): Promise<Gateway> {
  try {
    return await serveGateway(config, parts);
  } catch (error) {
    throw cannotListen(error, config, "port", "host");
  }
}

export async function openHealth(config: Config, server: Server): Promise<number> {
  const address = { host: config.opsHost, port: config.opsPort };
  try {
    return await listen(server, address);
  } catch (error) {
    throw cannotListen(error, address, "ops-port", "ops-host");
  }
}

function cannotListen(
  error: unknown,
  address: { host: string; port: number },
  portFlag: string,
  hostFlag: string,
) {
  const code = (error as { code?: string }).code;
  const { host, port } = address;
  if (code === "EADDRINUSE") {
    return new UsageError(
      `--${portFlag} ${port} is in use by another program; stop that one or choose another port with --${portFlag}`,
    );
  }
  if (code === "EACCES") {
    return new UsageError(
      `--${portFlag} ${port} needs more rights; choose one above 1023 with --${portFlag}`,
    );
  }
  if (code === "EADDRNOTAVAIL" || code === "ENOTFOUND" || code === "EAI_AGAIN") {
    return new UsageError(
      `--${hostFlag} ${host} is not an address of this machine; choose another with --${hostFlag}`,
    );
  }
  return error;
}
