#!/bin/bash
# Asks the operator's port of this machine whether it should get traffic; exit code 0: yes. For health checks inside a
# container that has neither curl nor wget. Not by a command of imserver: a check every few seconds should not start a
# whole runtime each time.
exec 3<>"/dev/tcp/127.0.0.1/${1:-8081}" || exit 1
printf 'GET /readyz HTTP/1.0\r\n\r\n' >&3
read -r -t 3 _ status _ <&3
[ "$status" = 200 ]
