#!/bin/sh
# Exit code 0: the server answers over the network (the one of the first start, for the scripts, does not), and a replica
# follows its primary.
set -eu
MYSQL_PWD=$(cat /run/secrets/mysql-root-password)
export MYSQL_PWD
ask() {
  mysql --protocol=tcp -h127.0.0.1 -uroot --connect-timeout=3 -N -B -e "$1"
}
ask 'SELECT 1' >/dev/null
[ "${1-}" = replica ] || exit 0
# Both threads: the one that fetches and the one that applies.
running=$(ask "SELECT (SELECT service_state FROM performance_schema.replication_connection_status) = 'ON'
  AND (SELECT service_state FROM performance_schema.replication_applier_status) = 'ON'")
[ "$running" = 1 ]
