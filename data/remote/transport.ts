import { Buffer } from "node:buffer";
import type { MethodDefinition, ServiceDefinition } from "@grpc/grpc-js";
import { encoded, type Encoder } from "../../kit/encode.ts";

/** From the generated definitions to those of grpc-js. */

interface GeneratedMethod {
  name: string;
  requestType: GeneratedCodec;
  responseType: GeneratedCodec;
  requestStream: boolean;
  responseStream: boolean;
}

interface GeneratedCodec extends Encoder<never> {
  decode(bytes: Uint8Array): unknown;
}

export interface GeneratedService {
  fullName: string;
  methods: Record<string, GeneratedMethod>;
}

/** A view of the same bytes. */
export const toBuffer = (bytes: Uint8Array): Buffer =>
  Buffer.from(bytes.buffer as ArrayBuffer, bytes.byteOffset, bytes.byteLength);

/** For calls whose payload is encoded and decoded elsewhere. */
export const asBytes = { serialize: toBuffer, deserialize: (bytes: Buffer): Uint8Array => bytes };

type AnyMethod = MethodDefinition<object, object>;

/** The methods by their names in lower camel case, as the handlers are named too. */
export function toService({ fullName, methods }: GeneratedService, as = fullName): ServiceDefinition {
  return Object.fromEntries(
    Object.entries(methods).map(([name, method]) => [name, toMethod(`/${as}/${method.name}`, method)]),
  );
}

export function toMethod(path: string, method: GeneratedMethod): AnyMethod {
  const serialize = (codec: GeneratedCodec) => (message: unknown) =>
    toBuffer(encoded(codec, message as never));
  const deserialize = (codec: GeneratedCodec) => (bytes: Buffer) => codec.decode(bytes) as object;
  return {
    path,
    requestStream: method.requestStream,
    responseStream: method.responseStream,
    requestSerialize: serialize(method.requestType),
    requestDeserialize: deserialize(method.requestType),
    responseSerialize: serialize(method.responseType),
    responseDeserialize: deserialize(method.responseType),
  };
}
