-- For one TiDB cluster that imserver uses; never run by us (README.md). Run as an administrator, before `imserver migrate`.

-- Rows are locked when they are read FOR UPDATE, as every append does with its conversation's head.
SET GLOBAL tidb_txn_mode = 'pessimistic';
-- A table's rows lie by their primary key: one conversation together, and no second index for it.
SET GLOBAL tidb_enable_clustered_index = 'ON';
-- Texts are told apart by every character.
SET GLOBAL default_collation_for_utf8mb4 = 'utf8mb4_0900_bin';
-- Batches are bounded by us: 1,024 rows or 1 MiB in a statement.
SET GLOBAL max_allowed_packet = 67108864;
