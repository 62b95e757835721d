import { signal } from "@preact/signals";

/** Whether one is choosing a chat by its name. */
export const showsSwitcher = signal(false);
