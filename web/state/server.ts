import { computed, signal } from "@preact/signals";
import { type ClientState, createClient } from "../../sdk/mod.ts";

/** The one connection of this page. The session lives in HttpOnly cookies, which no script here can read. */
export const client = createClient({ baseUrl: location.origin, cookie: true });

export const connection = signal<ClientState>(client.state);
export const online = computed(() => connection.value.state === "online");

client.on("state", (state) => connection.value = state);

/** Whether this device has a network at all, as far as the browser knows. */
export const hasNetwork = signal(navigator.onLine);
for (const event of ["online", "offline"]) addEventListener(event, () => hasNetwork.value = navigator.onLine);
