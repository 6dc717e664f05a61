#!/bin/sh
# postgres.sh MODE: a PostgreSQL with 64 MiB of rows in its shared buffers. It prints "ready" when its memory stands, and stays.
set -eu
PATH=$(echo /usr/lib/postgresql/*/bin):$PATH
initdb --pgdata=/tmp/data --auth=trust --no-sync --no-locale --encoding=UTF8 >/dev/null
postgres -D /tmp/data -k /tmp -c listen_addresses= -c shared_buffers=128MB -c fsync=off -c huge_pages=off >/dev/null 2>&1 &
sql() { psql --host=/tmp --quiet --no-psqlrc --no-align --tuples-only postgres "$@"; }
until sql -c 'select 1' >/dev/null 2>&1; do sleep 0.05; done
sql -c 'create table rows (body text)' -c "insert into rows select repeat('x', 1900) from generate_series(1, 32000)" -c checkpoint
case $1 in
holding) echo ready ;;
leaking) # a session that prepares a statement for every request and keeps them all
  prepare() {
    echo "do \$\$ begin for i in $1..$2 loop
      execute format('prepare s%s as select body, length(body) + %s from rows where length(body) > %s', i, i, i);
    end loop; end \$\$;"
  }
  mkfifo /tmp/session
  sql </tmp/session &
  exec 3>/tmp/session
  for from in $(seq 0 500 9500); do prepare "$from" "$((from + 499))" >&3; done
  printf '\\echo ready\n' >&3
  ;;
esac
wait
