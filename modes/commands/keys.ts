import { formatKeys, generateKeys, rotateKeys, SIGNS_AFTER_MS } from "../../auth/keys.ts";
import { reasonOf, UsageError } from "../config.ts";
import { readKeys } from "../key_file.ts";
import type { Command } from "./command.ts";

export const keysNew: Command = ({ terminal }) => {
  terminal.print(formatKeys(generateKeys(Date.now())));
  return Promise.resolve(0);
};

export const keysRotate: Command = async ({ settings: { config }, terminal }) => {
  await readKeys(config.keyFile, { create: false });
  const { keys } = await rotateKeys(config.keyFile, Date.now()).catch((error) => {
    throw new UsageError(`--key-file ${config.keyFile}: ${reasonOf(error)}`);
  });
  const signs = `it signs in ${SIGNS_AFTER_MS / 60_000} minutes; give every gateway the file by then`;
  terminal.print(`${config.keyFile} has a new key, ${keys[0].kid}, and ${keys.length - 1} older; ${signs}\n`);
  return 0;
};
