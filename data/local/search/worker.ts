import { type ErrorCode, type ErrorDetails, ImError } from "../../../wire/errors.ts";
import type { SearchRequest, SearchResponse } from "../../service.ts";
import type { Search } from "./mod.ts";

/** What the thread is told. `open` comes first and once. */
export type ToSearchWorker =
  | { kind: "open"; places: SearchPlaces }
  | { kind: "search"; id: number; request: SearchRequest };

/** The database of the logs, and the file for the words. */
export interface SearchPlaces {
  database: string;
  words: string;
}

/** What it tells. `ready` is that it listens. */
export type FromSearchWorker =
  | { kind: "ready" }
  | { kind: "answer"; id: number; value: SearchResponse }
  | { kind: "failure"; id: number; code: ErrorCode; message: string; details: ErrorDetails }
  | { kind: "warning"; message: string; because: string };

/** The part of DedicatedWorkerGlobalScope that is used. */
export interface SearchWorkerScope {
  onmessage: ((event: MessageEvent) => void) | null;
  postMessage(message: unknown): void;
}

/** Makes this thread index and search for `openSearchThread`. */
export function serveSearchWorker(self: SearchWorkerScope, open: (places: SearchPlaces) => Search): void {
  const reply = (message: FromSearchWorker) => self.postMessage(message);
  let search: Search | undefined;
  self.onmessage = async ({ data }: MessageEvent<ToSearchWorker>) => {
    if (data.kind === "open") {
      search = open(data.places);
      const warn = (message: string, fields?: Record<string, unknown>) =>
        reply({ kind: "warning", message, because: String(fields?.because) });
      search.follow({ warn });
      return;
    }
    const { id, request } = data;
    try {
      reply({ kind: "answer", id, value: await search!.messages(request) });
    } catch (error) {
      if (!(error instanceof ImError)) {
        reply({ kind: "warning", message: "a search failed", because: String(error) });
      }
      const { code, message, details } = error instanceof ImError ? error : new ImError("internal");
      reply({ kind: "failure", id, code, message, details });
    }
  };
  reply({ kind: "ready" });
}
