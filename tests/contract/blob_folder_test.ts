import { openFolderStore } from "../../blobs/folder.ts";
import { tempFolder } from "../support/server.ts";
import { blobCases } from "./blob_cases.ts";

blobCases("blobs, a folder", async () => {
  const folder = tempFolder();
  return {
    store: await openFolderStore(folder.path),
    close: () => Promise.resolve(folder[Symbol.dispose]()),
  };
});
