/** What the server does in its database: migrations change tables, everything else changes rows. */
const NEEDED = ["SELECT", "INSERT", "UPDATE", "DELETE", "CREATE", "ALTER", "INDEX", "DROP"];

const GRANT = /^GRANT (.+?) ON (?:TABLE )?(`?)(.+?)\2\.(\*|`[^`]+`|\S+) TO /i;

/** Which of the needed rights the lines of SHOW GRANTS do not give on a whole database. */
export function missingRights(grants: readonly string[], database: string): string[] {
  // What a role gives is not shown; that it is not enough shows at the start.
  if (grants.some((line) => /^GRANT [`'][^ ]+ TO /i.test(line))) return [];
  const given = new Set<string>();
  for (const line of grants) {
    const [, rights, , pattern, table] = GRANT.exec(line) ?? [];
    if (!rights || table !== "*" || !matches(pattern, database)) continue;
    for (const right of rights.toUpperCase().split(/,\s*/)) given.add(right.trim());
  }
  if (given.has("ALL PRIVILEGES") || given.has("ALL")) return [];
  return NEEDED.filter((right) => !given.has(right));
}

/** A grant's database may hold % and _ as in LIKE, and \_ for the character. */
function matches(pattern: string, database: string): boolean {
  if (pattern === "*") return true;
  const source = pattern.replace(/\\([_%])|[.*+?^${}()|[\]\\]|%|_/g, (found, escaped) => {
    if (escaped) return escaped;
    return found === "%" ? ".*" : found === "_" ? "." : `\\${found}`;
  });
  return new RegExp(`^${source}$`).test(database);
}
