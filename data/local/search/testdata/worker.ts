import { ImError } from "../../../../wire/errors.ts";
import { serveSearchWorker } from "../worker.ts";

const EMPTY = { hits: [], next: undefined };

// What it does is what it is asked for.
serveSearchWorker(self, ({ database }) => ({
  async messages({ query }) {
    if (query === "hang") await new Promise(() => {});
    if (query === "throw") {
      setTimeout(() => {
        throw new Error("boom");
      });
    }
    if (query === "throw") await new Promise(() => {});
    if (query === "refuse") throw new ImError("conversation_not_found");
    if (query === "break") throw new Error("a secret of the inside");
    return { ...EMPTY, complete: query === database };
  },
  follow: () => {},
  catchUp: () => Promise.resolve(true),
  close: () => {},
}));
