import { serveThumbnailWorker, type ThumbnailWorkerScope } from "../thumbnail_worker.ts";

serveThumbnailWorker(globalThis as unknown as ThumbnailWorkerScope);
