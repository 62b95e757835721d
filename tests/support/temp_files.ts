/** Paths of files that do not exist yet, in a folder that `remove` takes away. */
export function tempFiles(): { next(): string; remove(): void } {
  const folder = Deno.makeTempDirSync({ prefix: "imserver-test-" });
  let count = 0;
  return {
    next: () => `${folder}/${++count}.db`,
    remove: () => Deno.removeSync(folder, { recursive: true }),
  };
}
