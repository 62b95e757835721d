/** The language of clients. Imports nothing of ours. */
export * from "./close_codes.ts";
export * from "./content.ts";
export * from "./errors.ts";
export * from "./limits.ts";
export * from "./idempotency.ts";
export * from "./notifications.ts";
export * from "./operations.ts";
export * from "./schemas.ts";
export * from "./scopes.ts";

export const API_PREFIX = "/api/v1";
export const WS_PATH = "/api/v1/ws";
export const SUBPROTOCOL = "imserver.v1";
