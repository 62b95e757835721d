/**
 * The contract between gateways and dbproxies as a flat list, to hold one version against another. Writes
 * `released/VERSION.json` when it is run: `deno run -A tests/contract/released_contract.ts 0.1.0`, at a release.
 */
import { fromBinary } from "@bufbuild/protobuf";
import {
  type DescriptorProto,
  FieldDescriptorProto_Label as Label,
  FieldDescriptorProto_Type as Type,
  FileDescriptorProtoSchema,
} from "@bufbuild/protobuf/wkt";
import { FILES } from "../../proto/gen/descriptors.ts";

/** `Message#3` → what field 3 of a message is on the wire; `Service/Method` → its request and response; `Enum=0` → a name. */
export type Contract = Record<string, string>;

export function contractOf(files: readonly { base64: string }[] = FILES): Contract {
  const contract: Contract = {};
  for (const { base64 } of files) {
    const file = fromBinary(FileDescriptorProtoSchema, Uint8Array.fromBase64(base64));
    const prefix = `.${file.package}`;
    for (const message of file.messageType) addMessage(contract, `${prefix}.${message.name}`, message);
    for (const { name, value } of file.enumType) {
      for (const one of value) contract[`${prefix}.${name}=${one.number}`] = one.name;
    }
    for (const { name, method } of file.service) {
      for (const { name: rpc, inputType, outputType, clientStreaming, serverStreaming } of method) {
        const [input, output] = [clientStreaming ? "stream " : "", serverStreaming ? "stream " : ""];
        contract[`${prefix}.${name}/${rpc}`] = `${input}${inputType} → ${output}${outputType}`;
      }
    }
  }
  return contract;
}

function addMessage(
  contract: Contract,
  name: string,
  { field, nestedType, enumType }: DescriptorProto,
): void {
  for (const { number, label, type, typeName, name: called } of field) {
    // A field's name is not on the wire, but a number that is called otherwise means something else.
    const kind = typeName || Type[type].toLowerCase();
    contract[`${name}#${number}`] = `${called}: ${label === Label.REPEATED ? "repeated " : ""}${kind}`;
  }
  for (const one of nestedType) addMessage(contract, `${name}.${one.name}`, one);
  for (const { name: inner, value } of enumType) {
    for (const one of value) contract[`${name}.${inner}=${one.number}`] = one.name;
  }
}

/** What of `released` is not so any more: whoever still speaks it would be misunderstood. */
export function brokenIn(released: Contract, now: Contract): string[] {
  return Object.entries(released).flatMap(([what, was]) => {
    if (now[what] === was) return [];
    return [now[what] === undefined ? `${what} (${was}) is gone` : `${what} was ${was}, is ${now[what]}`];
  });
}

if (import.meta.main) {
  const path = new URL(`released/${Deno.args[0]}.json`, import.meta.url);
  await Deno.writeTextFile(path, JSON.stringify(contractOf(), null, 1) + "\n");
}
