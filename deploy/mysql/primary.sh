#!/bin/sh
# On the primary's first start, by the image's entrypoint, after it has made the database and its user.
set -eu
replication=$(cat /run/secrets/mysql-replication-password)
root=$(cat /run/secrets/mysql-root-password)
# The password by the environment: on the command line everybody on the machine could read it.
MYSQL_PWD=$root mysql --protocol=socket -uroot <<SQL
CREATE USER 'replicator'@'%' IDENTIFIED BY '$replication';
GRANT REPLICATION SLAVE ON *.* TO 'replicator'@'%';
SQL
