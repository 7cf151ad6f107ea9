package main

import (
	"crypto/sha256"
	"encoding/hex"
	"sync"
	"sync/atomic"

	pubsub "github.com/libp2p/go-libp2p-pubsub"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/core/protocol"
)

// meshMirror is a copy of the router's mesh, which go-libp2p-pubsub keeps to itself. The router calls its tracer
// at each change and in the same order: graft, prune, leave, and the end of the stream to a peer.
type meshMirror struct {
	self  peer.ID
	quiet bool
	out   *output

	mutex sync.Mutex
	mesh  map[string]map[peer.ID]struct{}

	changed         chan struct{}
	received, bytes atomic.Uint64
	// Messages that came again, and messages as often as they were sent.
	copies, sent atomic.Uint64
	delays       delays
}

func newMeshMirror(self peer.ID, quiet bool, out *output) *meshMirror {
	return &meshMirror{
		self: self, quiet: quiet, out: out,
		mesh: map[string]map[peer.ID]struct{}{}, changed: make(chan struct{}, 1),
	}
}

func (mirror *meshMirror) peers(topic string) []string {
	mirror.mutex.Lock()
	defer mirror.mutex.Unlock()
	peers := make([]peer.ID, 0, len(mirror.mesh[topic]))
	for id := range mirror.mesh[topic] {
		peers = append(peers, id)
	}
	return sorted(peers)
}

func (mirror *meshMirror) change(update func()) {
	mirror.mutex.Lock()
	update()
	mirror.mutex.Unlock()
	select {
	case mirror.changed <- struct{}{}:
	default:
	}
}

func (mirror *meshMirror) Graft(id peer.ID, topic string) {
	mirror.change(func() {
		if mirror.mesh[topic] == nil {
			mirror.mesh[topic] = map[peer.ID]struct{}{}
		}
		mirror.mesh[topic][id] = struct{}{}
	})
}

func (mirror *meshMirror) Prune(id peer.ID, topic string) {
	mirror.change(func() { delete(mirror.mesh[topic], id) })
}

func (mirror *meshMirror) Leave(topic string) {
	mirror.change(func() { delete(mirror.mesh, topic) })
}

func (mirror *meshMirror) OnClosedOutboundStream(id peer.ID) {
	mirror.change(func() {
		for _, peers := range mirror.mesh {
			delete(peers, id)
		}
	})
}

// DeliverMessage comes before subscriptions, which drop what is not read in time: nothing goes uncounted.
func (mirror *meshMirror) DeliverMessage(message *pubsub.Message) {
	if message.ReceivedFrom == mirror.self {
		return
	}
	mirror.received.Add(1)
	mirror.bytes.Add(uint64(len(message.Data)))
	mirror.delays.add(message.Data)
	if mirror.quiet {
		return
	}
	digest := sha256.Sum256(message.Data)
	mirror.out.emit(event{
		"event": "message", "topic": message.GetTopic(), "from": message.ReceivedFrom.String(),
		"bytes": len(message.Data), "sha256": hex.EncodeToString(digest[:]),
	})
}

func (mirror *meshMirror) DuplicateMessage(*pubsub.Message) { mirror.copies.Add(1) }

func (mirror *meshMirror) SendRPC(rpc *pubsub.RPC, _ peer.ID) {
	mirror.sent.Add(uint64(len(rpc.GetPublish())))
}

func (mirror *meshMirror) OnNewOutboundStream(peer.ID, protocol.ID) {}
func (mirror *meshMirror) Join(string)                              {}
func (mirror *meshMirror) ValidateMessage(*pubsub.Message)          {}
func (mirror *meshMirror) RejectMessage(*pubsub.Message, string)    {}
func (mirror *meshMirror) ThrottlePeer(peer.ID)                     {}
func (mirror *meshMirror) RecvRPC(*pubsub.RPC)                      {}
func (mirror *meshMirror) DropRPC(*pubsub.RPC, peer.ID)             {}
func (mirror *meshMirror) UndeliverableMessage(*pubsub.Message)     {}
