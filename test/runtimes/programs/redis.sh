#!/bin/sh
# redis.sh MODE: a Redis with 80 MiB of keys. It prints "ready" when its memory stands, and stays.
set -eu
socket=/tmp/redis.sock
cli() { redis-cli -s "$socket" "$@"; }
redis-server --port 0 --unixsocket "$socket" --save '' --enable-debug-command local >/dev/null &
until cli ping >/dev/null 2>&1; do sleep 0.02; done
cli debug populate 20000 key 4000 >/dev/null
case $1 in
idle) echo ready ;; # a cache that nobody reads
freed) # the cache was emptied, by the thread that frees; a FLUSHALL SYNC would also have asked jemalloc to purge
  cli flushall async >/dev/null
  until case $(cli info memory) in *lazyfree_pending_objects:0*) ;; *) false ;; esac; do sleep 0.02; done
  echo ready
  ;;
leaking) # keys without a time to live
  echo ready
  cli -r -1 -i 0.1 eval "for i = 1, 64 do redis.call('set', 'new:' .. redis.call('incr', 'count'), string.rep('x', 4000)) end" 0 \
    >/dev/null
  ;;
esac
wait
