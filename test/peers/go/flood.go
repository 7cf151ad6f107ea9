package main

import (
	"crypto/rand"
	"math"
	"time"

	"github.com/golang/snappy"
)

// flood publishes paced messages that no codec can compress and no peer has seen. A late wake-up catches up.
func (node *node) flood(topic string, bytes int, perSecond, seconds float64) {
	total := int(math.Round(perSecond * seconds))
	started, sent, failed := time.Now(), 0, 0
	ticker := time.NewTicker(5 * time.Millisecond)
	defer ticker.Stop()
	payload := make([]byte, bytes)
	for sent+failed < total {
		select {
		case <-node.ctx.Done():
			return
		case <-ticker.C:
		}
		due := min(int(time.Since(started).Seconds()*perSecond), total)
		for sent+failed < due {
			_, _ = rand.Read(payload)
			stamp(payload)
			if node.publish(topic, snappy.Encode(nil, payload)) == nil {
				sent++
			} else {
				failed++
			}
		}
	}
	node.out.emit(event{"event": "flooded", "sent": sent, "failed": failed})
}
