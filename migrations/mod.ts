import { first } from "./0001_first.ts";

/** The statements of one step, for each dialect. */
export interface Migration {
  name: string;
  sqlite: readonly string[];
}

/** In order; a released step never changes. */
export const MIGRATIONS: readonly Migration[] = [first];
