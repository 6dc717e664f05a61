#!/bin/sh
# The command line client, with the Node that lies beside it.
here=$(dirname "$(readlink -f "$0")")
exec "$here/node" "$here/memoryprobe.js" "$@"
