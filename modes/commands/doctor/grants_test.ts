import assert from "node:assert/strict";
import { missingRights } from "./grants.ts";

const ALL = "SELECT, INSERT, UPDATE, DELETE, CREATE, DROP, INDEX, ALTER";
const usage = "GRANT USAGE ON *.* TO `im`@`%` IDENTIFIED BY PASSWORD '*0'";

Deno.test("what a user may do in a database, as MySQL and MariaDB say it", () => {
  const enough = [
    ["GRANT ALL PRIVILEGES ON *.* TO `root`@`localhost` WITH GRANT OPTION"],
    [usage, `GRANT ${ALL} ON \`im\`.* TO \`im\`@\`%\``],
    [usage, `GRANT ${ALL} ON \`i%\`.* TO \`im\`@\`%\``],
    [usage, "GRANT SELECT, INSERT ON *.* TO `im`@`%`", "GRANT ALL PRIVILEGES ON `im`.* TO `im`@`%`"],
    ["GRANT `writer`@`%` TO `im`@`%`"],
  ];
  for (const lines of enough) assert.deepEqual(missingRights(lines, "im"), [], lines.join("\n"));
});

Deno.test("rights on another database, on a table or with an escaped name do not count", () => {
  const lacking = (line: string, database = "im") => missingRights([usage, line], database);
  assert.equal(lacking("GRANT ALL PRIVILEGES ON `other`.* TO `im`@`%`").length, 8);
  assert.equal(lacking("GRANT ALL PRIVILEGES ON `im`.`users` TO `im`@`%`").length, 8);
  assert.deepEqual(lacking("GRANT SELECT, INSERT, UPDATE, DELETE ON `im`.* TO `im`@`%`"), [
    "CREATE",
    "ALTER",
    "INDEX",
    "DROP",
  ]);
  assert.deepEqual(lacking("GRANT ALL PRIVILEGES ON `i\\_m`.* TO `im`@`%`", "i_m"), []);
  assert.equal(lacking("GRANT ALL PRIVILEGES ON `i\\_m`.* TO `im`@`%`", "ixm").length, 8);
});
