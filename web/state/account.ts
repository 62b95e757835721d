import { computed, signal } from "@preact/signals";
import { ImError, type Input, type Self } from "../../sdk/mod.ts";
import { squareOf } from "./square_of.ts";
import { me } from "./people.ts";
import { client } from "./server.ts";

/** What only oneself sees of one's account. */
const latest = signal<Self | null>(null);
/** Nobody sees what is left of who was here before. */
export const self = computed(() => latest.value?.id === me.value?.id ? latest.value : null);

export async function readSelf(): Promise<Self> {
  return take(await client.call("user.me", {}));
}

export async function updateProfile(input: Input<"user.update">): Promise<void> {
  take(await client.call("user.update", input));
}

export async function setPrivacy(input: Input<"user.setPrivacy">): Promise<void> {
  take(await client.call("user.setPrivacy", input));
}

export async function setUsername(username: string): Promise<void> {
  take(await client.call("user.setUsername", { username }));
}

export async function setPassword(input: Input<"user.setPassword">): Promise<void> {
  await client.call("user.setPassword", input);
}

/** Cut to a square, which is what an avatar shows; empty: none. Rejects with the signal's reason. */
export async function setPicture(file: File, signal: AbortSignal): Promise<void> {
  const square = await squareOf(file);
  const { url } = await client.uploadFile(square, { name: "picture.jpg", purpose: "avatar", signal });
  await updateProfile({ avatar: url });
}

/**
 * All that is kept of the caller, piece by piece: nothing of it is JSON, so it is no call of the SDK. Told how many bytes
 * have come.
 */
export async function exportData(onBytes: (bytes: number) => void, signal: AbortSignal): Promise<Blob> {
  const answer = await fetch("/api/v1/users/me/export", { signal });
  if (!answer.ok || !answer.body) throw await refusal(answer);
  const pieces: Uint8Array<ArrayBuffer>[] = [];
  let bytes = 0;
  const reader = answer.body.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return new Blob(pieces, { type: "application/zip" });
    pieces.push(value);
    onBytes(bytes += value.length);
  }
}

async function refusal(answer: Response): Promise<ImError> {
  const { code = "unavailable", detail, retryAfterMs } = await answer.json().catch(() => ({}));
  return new ImError(code, detail, typeof retryAfterMs === "number" ? { retryAfterMs } : {});
}

function take(next: Self): Self {
  latest.value = next;
  me.value = next;
  return next;
}

// Another device of one's own has changed it.
client.on("inbox", ({ kind }) => {
  if (kind === "profile.changed" && me.peek()) void readSelf().catch(() => {});
});
