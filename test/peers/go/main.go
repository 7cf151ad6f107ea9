// A gossip peer of the lean network for tests: commands as JSON lines in, events as JSON lines out.
package main

import (
	"bufio"
	"context"
	"fmt"
	"os"
)

// A published message of the largest size, in hex, and the rest of its line.
const maxLineBytes = 2*maxMessageBytes + 4096

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run() error {
	given, err := parseArguments(os.Args[1:])
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	out := newOutput()
	defer out.flush()
	node, err := startNode(ctx, given, out)
	if err != nil {
		return err
	}
	// Ends when standard input does, so that a test runner that dies leaves no orphan.
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(make([]byte, 64<<10), maxLineBytes)
	for lines.Scan() && node.run(lines.Bytes()) {
	}
	return node.stop()
}
