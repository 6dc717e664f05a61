"""heap.py MODE: a Python server in small, whose memory is known. It prints "ready" when its memory stands, and stays."""
import sys
import time

OBJECT_BYTES = 400  # small enough for Python's own arenas, and for an allocator's small bins


def allocate(mebibytes):
    return [bytes(OBJECT_BYTES) for _ in range(mebibytes * 1024 * 1024 // (OBJECT_BYTES + 49))]


def ready():
    print("ready", flush=True)


mode = sys.argv[1]
kept = allocate(16)
if mode == "freed":  # a burst is over
    allocate(80)
    ready()
elif mode == "scattered":  # a burst is over, and of every hundred objects one stays: no arena becomes empty
    kept += allocate(80)[::100]
    ready()
elif mode == "leaking":  # every request is remembered
    kept += allocate(80)
    ready()
    while True:
        kept.append(allocate(1))
        time.sleep(0.3)
while True:
    time.sleep(3600)
