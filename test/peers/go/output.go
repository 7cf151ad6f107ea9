package main

import (
	"bytes"
	"encoding/json"
	"os"
	"sync"
)

type event map[string]any

// output writes events as JSON lines. Whoever emits never waits for the pipe: a burst becomes one write.
type output struct {
	mutex   sync.Mutex
	pending bytes.Buffer
	writing sync.Mutex
	wake    chan struct{}
}

func newOutput() *output {
	out := &output{wake: make(chan struct{}, 1)}
	go func() {
		for range out.wake {
			out.flush()
		}
	}()
	return out
}

func (out *output) emit(event event) {
	line, err := json.Marshal(event)
	if err != nil {
		panic(err)
	}
	out.mutex.Lock()
	out.pending.Write(append(line, '\n'))
	out.mutex.Unlock()
	select {
	case out.wake <- struct{}{}:
	default:
	}
}

// flush returns when everything emitted before it is written.
func (out *output) flush() {
	out.writing.Lock()
	defer out.writing.Unlock()
	out.mutex.Lock()
	lines := bytes.Clone(out.pending.Bytes())
	out.pending.Reset()
	out.mutex.Unlock()
	if _, err := os.Stdout.Write(lines); err != nil {
		os.Exit(1)
	}
}
