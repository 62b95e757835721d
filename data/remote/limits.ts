import type { ChannelOptions } from "@grpc/grpc-js";

/** Everything on the wire has a limit (P6). Both ends know them, so that neither breaks the other's stream. */

/** The largest message that a dbproxy takes: a batch, or one request. */
export const MAX_REQUEST_BYTES = 16 << 20;

/** The largest that a gateway takes: a batch of results, or one response (a page of the largest entries). */
export const MAX_RESPONSE_BYTES = 64 << 20;

/** A batch is cut above this, so that a small result need not wait for many large ones. */
export const BATCH_BYTES = 1 << 20;
export const BATCH_CALLS = 1_000;

/** What a gateway keeps for one dbproxy at once: beyond it, `overloaded`. */
export const MAX_CALLS_IN_FLIGHT = 10_000;
export const MAX_UNARY_IN_FLIGHT = 2_000;
export const MAX_UNSENT_BYTES = 32 << 20;

/** What a dbproxy works at, for all gateways together: beyond it, `overloaded`. */
export const MAX_CALLS_IN_WORK = 20_000;
export const MAX_BYTES_IN_WORK = 128 << 20;

const BOTH: ChannelOptions = {
  // It keeps a record of every connection and call, which nobody here reads.
  "grpc.enable_channelz": 0,
};

/** Retries are ours: grpc-js knows neither what may be repeated nor that another dbproxy could do it. */
export const CLIENT_OPTIONS: ChannelOptions = {
  ...BOTH,
  "grpc.enable_retries": 0,
  "grpc.enable_http_proxy": 0,
  "grpc.service_config_disable_resolution": 1,
  // Every link has a connection of its own, which ends with it.
  "grpc.use_local_subchannel_pool": 1,
  // Links that fail are replaced, after delays of our own; this bounds what stays behind of one.
  "grpc.initial_reconnect_backoff_ms": 100,
  "grpc.max_reconnect_backoff_ms": 100,
  "grpc.keepalive_time_ms": 2_000,
  "grpc.keepalive_timeout_ms": 1_000,
  "grpc.keepalive_permit_without_calls": 1,
  "grpc.max_receive_message_length": MAX_RESPONSE_BYTES,
  "grpc.max_send_message_length": MAX_REQUEST_BYTES,
};

/** It never answers pings with an error, so the 2 s of the gateways need no permission. */
export const SERVER_OPTIONS: ChannelOptions = {
  ...BOTH,
  "grpc.max_receive_message_length": MAX_REQUEST_BYTES,
  "grpc.max_send_message_length": MAX_RESPONSE_BYTES,
  // Of one gateway: its unary calls, its stream, its watch, and whoever looks on.
  "grpc.max_concurrent_streams": MAX_UNARY_IN_FLIGHT + 100,
  // A client of grpc-js that is closed while it connects may leave a connection that nobody uses.
  "grpc.max_connection_idle_ms": 60_000,
  // A gateway that froze must not hold its streams for ever.
  "grpc.keepalive_time_ms": 10_000,
  "grpc.keepalive_timeout_ms": 5_000,
};
