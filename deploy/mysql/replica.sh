#!/bin/sh
# On the replica's first start, by the image's entrypoint. The server that runs now is for this script only; when the
# real one starts, it connects by itself, and gets the database, its user and all that has happened since the first
# transaction. Nothing made here may be in its own log: it would be a transaction that the primary does not have.
set -eu
replication=$(cat /run/secrets/mysql-replication-password)
root=$(cat /run/secrets/mysql-root-password)
MYSQL_PWD=$root mysql --protocol=socket -uroot <<SQL
RESET BINARY LOGS AND GTIDS;
CHANGE REPLICATION SOURCE TO
  SOURCE_HOST = 'mysql-primary',
  SOURCE_USER = 'replicator',
  SOURCE_PASSWORD = '$replication',
  SOURCE_AUTO_POSITION = 1,
  SOURCE_SSL = 1,
  SOURCE_CONNECT_RETRY = 2,
  SOURCE_RETRY_COUNT = 0;
-- Written at each start; the primary's users come with the rest.
SET PERSIST_ONLY super_read_only = ON;
SQL
