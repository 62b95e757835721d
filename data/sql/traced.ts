import { SpanKind, type Tracer } from "../../kit/tracer.ts";
import type { Reads, Storage, Tx } from "./driver.ts";

/** A storage whose statements are spans of the work at hand. Their names hold tables, and no text of a statement. */
export function traced(storage: Storage, tracer: Tracer): Storage {
  return {
    dialect: storage.dialect,
    writers: storage.writers,
    ...tracedReads(storage, tracer),
    transaction: (work) =>
      tracer.part(
        "sql transaction",
        SpanKind.CLIENT,
        () => storage.transaction((tx) => work(tracedTx(tx, tracer))),
      ),
    schemaChange: (work) => storage.schemaChange(work),
    script: (sql) => storage.script(sql),
    close: () => storage.close(),
  };
}

function tracedReads(reads: Reads, tracer: Tracer): Reads {
  return {
    all: (sql, params) => tracer.part(nameOf(sql), SpanKind.CLIENT, () => reads.all(sql, params)),
    allIn: (sql, keys) => tracer.part(nameOf(sql), SpanKind.CLIENT, () => reads.allIn(sql, keys)),
  };
}

function tracedTx(tx: Tx, tracer: Tracer): Tx {
  const part = <T>(name: string, run: () => Promise<T>) => tracer.part(`sql ${name}`, SpanKind.CLIENT, run);
  return {
    ...tracedReads(tx, tracer),
    lock: (table, ...rest) => part(`lock ${table}`, () => tx.lock(table, ...rest)),
    run: (sql, params) => tracer.part(nameOf(sql), SpanKind.CLIENT, () => tx.run(sql, params)),
    insert: (table, ...rest) => part(`insert ${table}`, () => tx.insert(table, ...rest)),
    insertMissing: (table, ...rest) => part(`insert ${table}`, () => tx.insertMissing(table, ...rest)),
    upsert: (table, ...rest) => part(`upsert ${table}`, () => tx.upsert(table, ...rest)),
    atEnd: (writes) => tx.atEnd(writes),
  };
}

const NAMED = /^\s*(?:(SELECT|INSERT|DELETE)\b[^]*?\b(?:FROM|INTO)|(UPDATE))\s+(\w+)/i;

function nameOf(sql: string): string {
  const [, verb, update, table] = NAMED.exec(sql) ?? [];
  return table ? `sql ${(verb ?? update).toLowerCase()} ${table}` : "sql statement";
}
