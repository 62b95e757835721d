import type { Input } from "../../sdk/mod.ts";
import { me } from "./people.ts";
import { client } from "./server.ts";

export interface Profile {
  displayName: string;
  bio: string;
}

export async function readProfile(): Promise<Profile> {
  const { displayName, bio = "" } = await client.call("user.me", {});
  return { displayName, bio };
}

export async function saveProfile(profile: Profile): Promise<void> {
  me.value = await client.call("user.update", profile);
}

export async function setPassword(input: Input<"user.setPassword">): Promise<void> {
  await client.call("user.setPassword", input);
}
