import { servePasswordWorker } from "../password_worker.ts";

// A cheap cost when the name asks for it, so that tests of the queue are quick.
servePasswordWorker(self, self.name === "cheap" ? { memoryKiB: 64, iterations: 1 } : undefined);
