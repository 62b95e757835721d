import { offerSetup } from "../../chat/accounts.ts";
import { baseUrl, setupUrl } from "../places.ts";
import type { Command } from "./command.ts";
import { onData } from "./on_data.ts";

export const adminLink: Command = async ({ settings: { config }, terminal }) => {
  const token = await onData(config, (data) => offerSetup(data, { now: Date.now(), onlyIfNew: false }));
  terminal.print(setupUrl(baseUrl(config, config.port), token!) + "\n");
  return 0;
};

export const epochRaise: Command = async ({ settings: { config }, terminal }) => {
  const { epoch } = await onData(config, (data) => data.log.epoch({ raise: true }));
  terminal.print(`epoch ${epoch}\n`);
  return 0;
};
