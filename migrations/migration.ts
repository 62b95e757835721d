/**
 * The statements of one step, for each dialect. MySQL commits each by itself, so that a step may be cut off in its
 * middle and begun anew: there each statement must do nothing when done again. What creates a table, a column or an
 * index may say so plainly, because its being there already is no error then (data/sql/mysql.ts).
 */
export interface Migration {
  name: string;
  sqlite: readonly string[];
  mysql: readonly string[];
}

/** Texts are told apart by every character, as SQLite does; MariaDB and MySQL each know a name of their own for it. */
export const MYSQL_TABLE =
  "ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE /*M! utf8mb4_nopad_bin */ /*!80000 utf8mb4_0900_bin */";
