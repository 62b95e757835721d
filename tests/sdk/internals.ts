/** What tests want inside a page besides the package. Bundled for it. */
export { IndexedDbOutboxStore } from "../../sdk/indexed_db_outbox_store.ts";
export { withTabLock } from "../../sdk/tab_lock.ts";
export { storeCases } from "./outbox_store_cases.ts";
