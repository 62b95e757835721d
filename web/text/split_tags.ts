/** What stands between commas, each once, in the order it was written in; Chinese has commas of its own. */
export function splitTags(line: string): string[] {
  return [...new Set(line.split(/[,，、;；]/).map((tag) => tag.trim()).filter((tag) => tag !== ""))];
}
