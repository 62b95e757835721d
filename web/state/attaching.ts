import { signal } from "@preact/signals";
import type { Content, Output } from "../../sdk/mod.ts";
import { sayContent } from "./outgoing.ts";
import { client } from "./server.ts";

/** A file on its way into a conversation. */
export interface Attaching {
  conversationId: string;
  name: string;
  /** From 0 to 1. */
  progress: number;
  /** Why it did not go; then it waits to be taken away. */
  error?: unknown;
  cancel(): void;
}

const all = signal<readonly Attaching[]>([]);

export function attachingIn(conversationId: string): readonly Attaching[] {
  return all.value.filter((one) => one.conversationId === conversationId);
}

/** Uploads a file and says it. Goes on while another conversation is looked at. */
export async function attach(conversationId: string, file: File): Promise<void> {
  const stop = new AbortController();
  let shown: Attaching | undefined = {
    conversationId,
    name: file.name,
    progress: 0,
    cancel: () => {
      stop.abort();
      show(undefined);
    },
  };
  all.value = [...all.value, shown];
  function show(next: Attaching | undefined): void {
    all.value = all.value.flatMap((one) => one !== shown ? [one] : next ? [next] : []);
    shown = next;
  }
  try {
    const uploaded = await client.uploadFile(file, {
      signal: stop.signal,
      onProgress: (stored, size) => shown && show({ ...shown, progress: size === 0 ? 1 : stored / size }),
    });
    if (!stop.signal.aborted) sayContent(conversationId, contentOf(uploaded));
    show(undefined);
  } catch (error) {
    if (shown) show({ ...shown, error });
  }
}

export function forgetAttaching(): void {
  for (const one of all.peek()) one.cancel();
}

/** A picture is shown as one; sound and film are files here, whose length nobody has measured. */
function contentOf({ url, name, size, mime, width, height, thumbnail }: Output<"file.complete">): Content {
  const file = { url, name, size, mime };
  if (!width || !height || !mime.startsWith("image/")) return { type: "file", file };
  return { type: "image", file, width, height, ...(thumbnail && { thumbnail }) };
}
