// heap MODE: a Go server in small, whose memory is known. It prints "ready" when its memory stands, and stays.
package main

import (
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"time"
)

const (
	blockBytes = 256 << 10
	held       = 64  // blocks: 16 MiB
	burst      = 320 // blocks: 80 MiB
)

// What the program holds on to.
var kept [][]byte

// allocate makes blocks whose every page was written.
func allocate(count int) [][]byte {
	blocks := make([][]byte, count)
	for i := range blocks {
		blocks[i] = make([]byte, blockBytes)
		for at := 0; at < blockBytes; at += 4096 {
			blocks[i][at] = 1
		}
	}
	return blocks
}

func main() {
	kept = append(kept, allocate(held)...)
	switch os.Args[1] {
	case "freed": // a burst is over, and the scavenger has been round
		runtime.KeepAlive(allocate(burst))
		debug.FreeOSMemory()
		ready()
	case "serving": // every request makes garbage
		ready()
		for {
			runtime.KeepAlive(allocate(4))
			time.Sleep(20 * time.Millisecond)
		}
	case "leaking": // every request is remembered
		kept = append(kept, allocate(burst)...)
		ready()
		for {
			kept = append(kept, allocate(1)...)
			time.Sleep(100 * time.Millisecond)
		}
	}
	for {
		time.Sleep(time.Hour)
	}
}

func ready() { fmt.Println("ready") }
