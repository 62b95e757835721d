import { signal } from "@preact/signals";
import type { Content, Output } from "../../sdk/mod.ts";
import { type Film, measureFilm } from "./film.ts";
import { sayContent } from "./outgoing.ts";
import { client } from "./server.ts";

/** A file on its way into a conversation. */
export interface Attaching {
  key: number;
  conversationId: string;
  name: string;
  /** Of a picture, to look at meanwhile: the file itself. */
  preview?: string;
  /** From 0 to 1. */
  progress: number;
  /** Why it did not go; then it waits to be tried again or taken away. */
  error?: unknown;
  cancel(): void;
  retry(): void;
}

export interface AttachOptions {
  /** Written beside the file. */
  caption?: string;
  /** Makes it a voice message: how long it is, and how loud over time. */
  voice?: { durationMs: number; waveform: number[] };
}

const all = signal<readonly Attaching[]>([]);
let keys = 0;

export function attachingIn(conversationId: string): readonly Attaching[] {
  return all.value.filter((one) => one.conversationId === conversationId);
}

/** Uploads files one after another and says each, in their order. Goes on while another conversation is looked at. */
export async function attachAll(
  conversationId: string,
  files: readonly File[],
  options: AttachOptions = {},
): Promise<void> {
  const { caption, ...others } = options;
  const goings = files.map((file, index) =>
    prepare(conversationId, file, { ...others, ...(index === 0 && { caption }) })
  );
  for (const go of goings) await go();
}

export function forgetAttaching(): void {
  for (const one of all.peek()) one.cancel();
}

/** Puts a file into the list; answers what uploads it, which settles when it is said, failed or cancelled. */
function prepare(conversationId: string, file: File, options: AttachOptions): () => Promise<void> {
  const key = ++keys;
  let stop = new AbortController();
  const preview = file.type.startsWith("image/") ? URL.createObjectURL(file) : undefined;
  const change = (next: Partial<Attaching>) => {
    all.value = all.peek().map((one) => one.key === key ? { ...one, ...next } : one);
  };
  const remove = () => {
    all.value = all.peek().filter((one) => one.key !== key);
    if (preview) URL.revokeObjectURL(preview);
  };
  const go = async () => {
    if (stop.signal.aborted) return;
    try {
      const film = file.type.startsWith("video/") ? await measureFilm(file) : null;
      const uploaded = await client.uploadFile(file, {
        signal: stop.signal,
        onProgress: (stored, size) => change({ progress: size === 0 ? 1 : stored / size }),
      });
      if (stop.signal.aborted) return;
      sayContent(conversationId, contentOf(uploaded, options, film));
      remove();
    } catch (error) {
      if (!stop.signal.aborted) change({ error });
    }
  };
  const cancel = () => {
    stop.abort();
    remove();
  };
  const retry = () => {
    stop = new AbortController();
    change({ error: undefined, progress: 0 });
    void go();
  };
  all.value = [...all.peek(), { key, conversationId, name: file.name, preview, progress: 0, cancel, retry }];
  return go;
}

/** A picture is shown as one, a film that could be measured too; all else is a file, which may still be played. */
function contentOf(
  { url, name, size, mime, width, height, thumbnail }: Output<"file.complete">,
  { caption, voice }: AttachOptions,
  film: Film | null,
): Content {
  const file = { url, name, size, mime };
  const said = caption ? { caption } : {};
  if (voice) return { type: "voice", file, ...voice };
  if (film && mime.startsWith("video/")) return { type: "video", file, ...film, ...said };
  if (!width || !height || !mime.startsWith("image/")) return { type: "file", file, ...said };
  return { type: "image", file, width, height, ...(thumbnail && { thumbnail }), ...said };
}
