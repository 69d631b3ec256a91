// A peer by the protocol of docs/anatomy-of-a-peer.md: Go's channels, or its goroutines.
//
//	handoff-go channel|goroutines TREES.CSV
package main

import (
	"fmt"
	"os"
	"runtime"
)

// What one contender can do with a cell. Each function warms the cell up and returns what takes a sample of it.
type contender map[string]func(cell) (func() (reply, error), error)

var contenders = map[string]contender{
	"channel":    {"throughput": openStream, "tree": openTreeOn(newChannelForest)},
	"goroutines": {"tree": openTreeOn(newGoroutineForest)},
}

func main() {
	if len(os.Args) != 3 || contenders[os.Args[1]] == nil {
		refuse("usage: handoff-go channel|goroutines TREES.CSV")
	}
	treesFile = os.Args[2]
	version := fmt.Sprintf("%s (%s/%s)", runtime.Version(), runtime.GOOS, runtime.GOARCH)
	serve(reply{"protocol": protocol, "name": "Go", "version": version}, contenders[os.Args[1]])
}
