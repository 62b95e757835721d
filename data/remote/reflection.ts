import { type ServerDuplexStream, status } from "@grpc/grpc-js";
import { FILES } from "../../proto/gen/descriptors.ts";
import {
  ServerReflectionDefinition,
  type ServerReflectionRequest as Request,
  type ServerReflectionResponse as Response,
} from "../../proto/gen/grpc/reflection/v1/reflection.ts";
import { toService } from "./transport.ts";

/** grpc.reflection: lets grpcurl and its like call a dbproxy without the .proto files. */

export const REFLECTION_SERVICES = [
  toService(ServerReflectionDefinition),
  // The same messages under an older name, for tools that know no other.
  toService(ServerReflectionDefinition, "grpc.reflection.v1alpha.ServerReflection"),
];

type Answer = NonNullable<Response["messageResponse"]>;

export const reflectionHandlers = {
  serverReflectionInfo: (call: ServerDuplexStream<Request, Response>) => {
    call.on("data", (request: Request) => {
      const messageResponse = reflect(request);
      const open = call.write({ validHost: request.host, originalRequest: request, messageResponse });
      if (open) return;
      call.pause();
      call.once("drain", () => call.resume());
    });
    call.on("end", () => call.end());
    call.on("error", () => {});
  },
};

function reflect({ messageRequest: asked }: Request): Answer {
  switch (asked?.$case) {
    case "listServices": {
      const service = FILES.flatMap(({ services }) => services.map((name) => ({ name })));
      return { $case: "listServicesResponse", listServicesResponse: { service } };
    }
    case "fileByFilename":
      return files(FILES.find(({ name }) => name === asked.fileByFilename)?.name);
    case "fileContainingSymbol":
      return files(fileOfSymbol(asked.fileContainingSymbol));
    case "allExtensionNumbersOfType":
    case "fileContainingExtension":
      return refuse(status.NOT_FOUND, "there are no extensions");
    default:
      return refuse(status.INVALID_ARGUMENT, "nothing was asked");
  }
}

/** A field or a value of an enum is found by the message or the enum that it is in. */
function fileOfSymbol(symbol: string): string | undefined {
  const parent = symbol.slice(0, Math.max(0, symbol.lastIndexOf(".")));
  for (const name of [symbol, parent]) {
    const file = FILES.find(({ symbols }) => symbols.includes(name));
    if (file) return file.name;
  }
}

function files(name: string | undefined): Answer {
  if (name === undefined) return refuse(status.NOT_FOUND, "no such file or symbol");
  const descriptors = withImports(name).map(({ base64 }) => Uint8Array.fromBase64(base64));
  return { $case: "fileDescriptorResponse", fileDescriptorResponse: { fileDescriptorProto: descriptors } };
}

/** The file first, then what it imports, and what that imports. */
function withImports(name: string) {
  const names = new Set([name]);
  for (const each of names) {
    for (const file of FILES) if (file.name === each) file.dependencies.forEach((d) => names.add(d));
  }
  return [...names].flatMap((each) => FILES.filter((file) => file.name === each));
}

const refuse = (errorCode: number, errorMessage: string): Answer => ({
  $case: "errorResponse",
  errorResponse: { errorCode, errorMessage },
});
