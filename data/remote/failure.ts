import { Buffer } from "node:buffer";
import { Metadata, status, type StatusObject } from "@grpc/grpc-js";
import { Failure } from "../../proto/gen/stream.ts";
import { type ErrorCode, ERRORS, ImError, isErrorCode } from "../../wire/errors.ts";

/** An ImError as it crosses the wire, in a result of the stream or beside the status of a unary call. */

export const FAILURE_KEY = "imserver-failure-bin";

export function toFailure({ code, message, details: { field, retryAfterMs } }: ImError): Failure {
  return {
    code,
    message,
    field,
    retryAfterMs: retryAfterMs === undefined ? undefined : Math.ceil(retryAfterMs),
  };
}

/** A code of a newer version, which this one could not explain to a client, is `internal`. */
export function fromFailure({ code, message, field, retryAfterMs }: Failure): ImError {
  const details = {
    ...(field === undefined ? {} : { field }),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  };
  return isErrorCode(code)
    ? new ImError(code, message, details)
    : new ImError("internal", undefined, details);
}

/** What a unary call ends with. The code stands in the message too, for people with grpcurl. */
export function toStatus(error: ImError): StatusObject {
  const metadata = new Metadata();
  metadata.set(FAILURE_KEY, Buffer.from(Failure.encode(toFailure(error)).finish()));
  return { code: statusOf(error.code), details: `${error.code}: ${error.message}`, metadata };
}

/** The ImError that a dbproxy answered with; undefined when the status is the transport's own. */
export function fromStatus({ metadata }: { metadata?: Metadata }): ImError | undefined {
  const [value] = metadata?.get(FAILURE_KEY) ?? [];
  if (!value || typeof value === "string") return undefined;
  try {
    return fromFailure(Failure.decode(value));
  } catch {
    return new ImError("internal");
  }
}

const BY_HTTP_STATUS: Record<number, status> = {
  400: status.INVALID_ARGUMENT,
  401: status.UNAUTHENTICATED,
  403: status.PERMISSION_DENIED,
  404: status.NOT_FOUND,
  405: status.UNIMPLEMENTED,
  409: status.FAILED_PRECONDITION,
  413: status.INVALID_ARGUMENT,
  415: status.INVALID_ARGUMENT,
  426: status.INVALID_ARGUMENT,
  429: status.RESOURCE_EXHAUSTED,
  500: status.INTERNAL,
  501: status.UNIMPLEMENTED,
  503: status.UNAVAILABLE,
};

function statusOf(code: ErrorCode): status {
  return code === "overloaded" ? status.RESOURCE_EXHAUSTED : BY_HTTP_STATUS[ERRORS[code].status];
}
