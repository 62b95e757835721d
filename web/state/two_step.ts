import type { Output } from "../../sdk/mod.ts";
import { client } from "./server.ts";

/** Since when one's logins take a code; null: they do not. */
export async function readTwoStep(): Promise<number | null> {
  return (await client.call("user.me", {})).totpSince;
}

export const startTotp = (password: string): Promise<Output<"user.startTotp">> =>
  client.call("user.startTotp", { password });

/** Answers the recovery codes. */
export const confirmTotp = async (code: string): Promise<string[]> =>
  (await client.call("user.confirmTotp", { code })).recoveryCodes;

export async function disableTotp(password: string, code: string): Promise<void> {
  await client.call("user.disableTotp", { password, code });
}
