/** The statements of one step, for each dialect. */
export interface Migration {
  name: string;
  sqlite: readonly string[];
}
