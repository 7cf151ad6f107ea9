package main

import (
	"bytes"
	"encoding/binary"
	"slices"
	"sync"
	"time"

	"github.com/golang/snappy"
)

// A flood's messages begin with this and the time at which they were made.
var floodMark = []byte("leanmesh")

const stampBytes = 16

// stamp writes the mark and the time over the head of a payload that has room for them.
func stamp(payload []byte) {
	if len(payload) < stampBytes {
		return
	}
	copy(payload, floodMark)
	binary.LittleEndian.PutUint64(payload[len(floodMark):], uint64(time.Now().UnixNano()))
}

// delays are the times that a flood's messages took, between processes of one machine, whose clock is one.
type delays struct {
	mutex  sync.Mutex
	values []time.Duration
}

func (delays *delays) add(wire []byte) {
	payload, err := snappy.Decode(nil, wire)
	if err != nil || len(payload) < stampBytes || !bytes.HasPrefix(payload, floodMark) {
		return
	}
	made := time.Unix(0, int64(binary.LittleEndian.Uint64(payload[len(floodMark):])))
	delays.mutex.Lock()
	defer delays.mutex.Unlock()
	delays.values = append(delays.values, time.Since(made))
}

// take answers with the percentiles since it was last asked.
func (delays *delays) take() event {
	delays.mutex.Lock()
	values := delays.values
	delays.values = nil
	delays.mutex.Unlock()
	slices.Sort(values)
	percentile := func(percent int) float64 {
		if len(values) == 0 {
			return 0
		}
		return float64(values[(len(values)-1)*percent/100].Microseconds()) / 1000
	}
	return event{"event": "delays", "count": len(values), "p50Ms": percentile(50), "p99Ms": percentile(99)}
}
