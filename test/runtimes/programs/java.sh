#!/bin/sh
# java.sh ARGUMENT...: becomes Debian's Java, whose folder has the processor's name in it.
exec /usr/lib/jvm/java-17-openjdk-*/bin/java "$@"
