import { createMemoryDirectory, type DirectoryWorld } from "../../bus/memory_directory.ts";
import { directoryCases } from "./directory_cases.ts";

directoryCases("directory, memory", () => {
  const world: DirectoryWorld = new Map();
  const [one, two, three] = [1, 2, 3].map(() => createMemoryDirectory({ world }));
  return Promise.resolve({
    gateways: [one, two, three],
    sure: () => Promise.resolve(),
    close: async () => void await Promise.all([one, two, three].map((directory) => directory.close())),
  });
});
