package main

import (
	"context"
	"errors"
	"reflect"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	pubsub "github.com/libp2p/go-libp2p-pubsub"
	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/p2p/net/swarm"
)

const (
	dialTimeout   = 10 * time.Second
	stateInterval = 50 * time.Millisecond
)

type node struct {
	ctx    context.Context
	host   host.Host
	gossip *pubsub.PubSub // nil with --no-gossip
	mirror *meshMirror
	out    *output
	status atomic.Pointer[[]byte] // nil without --status

	mutex  sync.Mutex
	topics map[string]*pubsub.Topic
	leave  map[string]pubsub.RelayCancelFunc
}

func startNode(ctx context.Context, given arguments, out *output) (*node, error) {
	host, err := newHost(given)
	if err != nil {
		return nil, err
	}
	node := &node{
		ctx: ctx, host: host, out: out, mirror: newMeshMirror(host.ID(), given.quietMessages, out),
		topics: map[string]*pubsub.Topic{}, leave: map[string]pubsub.RelayCancelFunc{},
	}
	if given.status != nil {
		node.status.Store(&given.status)
		host.SetStreamHandler(statusProtocol, node.answerStatus)
	}
	if !given.noGossip {
		if node.gossip, err = newGossip(ctx, host, given, node.mirror); err != nil {
			return nil, err
		}
	}
	for _, topic := range given.topics {
		if err := node.subscribe(topic); err != nil {
			return nil, err
		}
	}
	addresses := []string{}
	for _, address := range host.Network().ListenAddresses() {
		addresses = append(addresses, address.String()+"/p2p/"+host.ID().String())
	}
	out.emit(event{"event": "listening", "peerId": host.ID().String(), "addresses": addresses})
	go node.reportState()
	for _, address := range given.dial {
		go node.dial(address)
	}
	return node, nil
}

// topic joins without subscribing, which is all that publishing needs.
func (node *node) topic(name string) (*pubsub.Topic, error) {
	if node.gossip == nil {
		return nil, errors.New("started with --no-gossip")
	}
	node.mutex.Lock()
	defer node.mutex.Unlock()
	if topic, ok := node.topics[name]; ok {
		return topic, nil
	}
	topic, err := node.gossip.Join(name)
	if err == nil {
		node.topics[name] = topic
	}
	return topic, err
}

// subscribe relays: to the others it is a subscription, and no queue has to be drained, because messages come
// from the tracer.
func (node *node) subscribe(name string) error {
	topic, err := node.topic(name)
	if err != nil {
		return err
	}
	node.mutex.Lock()
	defer node.mutex.Unlock()
	if node.leave[name] != nil {
		return nil
	}
	node.leave[name], err = topic.Relay()
	return err
}

func (node *node) unsubscribe(name string) {
	node.mutex.Lock()
	defer node.mutex.Unlock()
	if leave := node.leave[name]; leave != nil {
		leave()
		delete(node.leave, name)
	}
}

func (node *node) publish(name string, wire []byte) error {
	topic, err := node.topic(name)
	if err != nil {
		return err
	}
	return topic.Publish(node.ctx, wire)
}

func (node *node) dial(address string) {
	dialed := event{"event": "dialed", "address": address, "ok": true}
	if err := node.connect(address); err != nil {
		dialed["ok"], dialed["error"] = false, err.Error()
	}
	node.out.emit(dialed)
}

func (node *node) connect(address string) error {
	info, err := peer.AddrInfoFromString(address)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(node.ctx, dialTimeout)
	defer cancel()
	// A test that dials again means it: the library's own back-off would refuse.
	if swarm, ok := node.host.Network().(*swarm.Swarm); ok {
		swarm.Backoff().Clear(info.ID)
	}
	return node.host.Connect(network.WithDialPeerTimeout(ctx, dialTimeout), *info)
}

// reportState prints the state when it differs from what was last printed.
func (node *node) reportState() {
	ticker := time.NewTicker(stateInterval)
	defer ticker.Stop()
	var last event
	for {
		if now := node.state(); !reflect.DeepEqual(now, last) {
			node.out.emit(now)
			last = now
		}
		select {
		case <-node.ctx.Done():
			return
		case <-node.mirror.changed:
		case <-ticker.C:
		}
	}
}

func (node *node) state() event {
	mesh, subscribers := map[string][]string{}, map[string][]string{}
	node.mutex.Lock()
	defer node.mutex.Unlock()
	for topic := range node.topics {
		mesh[topic] = node.mirror.peers(topic)
		subscribers[topic] = sorted(node.gossip.ListPeers(topic))
	}
	connected := sorted(node.host.Network().Peers())
	return event{"event": "state", "connected": connected, "mesh": mesh, "subscribers": subscribers}
}

// stop says goodbye as a client that is stopped does: leaves its topics, then closes every connection.
func (node *node) stop() error {
	node.mutex.Lock()
	left := len(node.leave)
	for _, leave := range node.leave {
		leave()
	}
	node.mutex.Unlock()
	if left > 0 {
		// The library does not tell when the farewells are sent.
		time.Sleep(100 * time.Millisecond)
	}
	return node.host.Close()
}

func sorted(ids []peer.ID) []string {
	names := make([]string, 0, len(ids))
	for _, id := range ids {
		names = append(names, id.String())
	}
	slices.Sort(names)
	return names
}
