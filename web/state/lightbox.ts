import { computed, signal } from "@preact/signals";
import { type Media, mediaOf } from "../text/media_content.ts";
import { chat } from "./chat.ts";

/** A picture of the open conversation. */
export interface Picture {
  url: string;
  small: string;
  name: string;
  senderId: string;
  at: number;
}

/** The address of the picture that is looked at. */
export const lookedAt = signal<string | null>(null);

/** All that are loaded, oldest first. */
export const pictures = computed((): readonly Picture[] =>
  (chat.value?.messages.value ?? []).flatMap(({ content, senderId, at }) => {
    const media = mediaOf(content);
    return media?.kind === "picture" ? [{ ...of(media), senderId, at }] : [];
  })
);

const of = ({ url, small, name }: Extract<Media, { kind: "picture" }>) => ({ url, small, name });

/** Where in them one is; -1 when the picture is gone. */
export const pictureIndex = computed(() => pictures.value.findIndex(({ url }) => url === lookedAt.value));

/** To the one before (-1) or after (1), if there is one. Near the first, older messages are loaded. */
export function turn(step: -1 | 1): void {
  const index = pictureIndex.peek() + step;
  const next = pictures.peek()[index];
  if (next) lookedAt.value = next.url;
  if (index <= 1 && step < 0) void chat.peek()?.loadOlder();
}
