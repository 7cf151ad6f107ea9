package main

import (
	"context"
	"crypto/rand"
	"time"

	"github.com/libp2p/go-libp2p"
	pubsub "github.com/libp2p/go-libp2p-pubsub"
	pb "github.com/libp2p/go-libp2p-pubsub/pb"
	"github.com/libp2p/go-libp2p/core/connmgr"
	"github.com/libp2p/go-libp2p/core/crypto"
	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/protocol"
	"github.com/libp2p/go-libp2p/p2p/muxer/yamux"
	"github.com/libp2p/go-libp2p/p2p/security/noise"
	quic "github.com/libp2p/go-libp2p/p2p/transport/quic"
	"github.com/libp2p/go-libp2p/p2p/transport/tcp"
)

var meshsub = []protocol.ID{pubsub.GossipSubID_v12, pubsub.GossipSubID_v11}

// newHost has neither resource limits nor trimming: tests put many peers on one address.
func newHost(given arguments) (host.Host, error) {
	key, err := privateKey(given.key)
	if err != nil {
		return nil, err
	}
	addresses := libp2p.NoListenAddrs
	if len(given.listen) > 0 {
		addresses = libp2p.ListenAddrStrings(given.listen...)
	}
	return libp2p.New(
		libp2p.Identity(key),
		addresses,
		libp2p.Transport(quic.NewTransport),
		libp2p.Transport(tcp.NewTCPTransport, tcp.DisableReuseport()),
		libp2p.Security(noise.ID, noise.New),
		libp2p.Muxer(yamux.ID, yamux.DefaultTransport),
		libp2p.ResourceManager(&network.NullResourceManager{}),
		libp2p.ConnectionManager(connmgr.NullConnMgr{}),
		libp2p.UDPBlackHoleSuccessCounter(nil),
		libp2p.DisableRelay(),
		libp2p.DisableMetrics(),
		libp2p.Ping(true),
		libp2p.UserAgent("leanmesh-test-go"),
	)
}

func privateKey(secret []byte) (crypto.PrivKey, error) {
	if len(secret) > 0 {
		return crypto.UnmarshalSecp256k1PrivateKey(secret)
	}
	key, _, err := crypto.GenerateSecp256k1Key(rand.Reader)
	return key, err
}

func newGossip(ctx context.Context, host host.Host, given arguments, mirror *meshMirror) (*pubsub.PubSub, error) {
	params := pubsub.DefaultGossipSubParams()
	params.D, params.Dlo, params.Dhi, params.Dlazy = given.d, given.dLow, given.dHigh, 6
	// The library wants at most half of D, and less than D_low.
	params.Dout = max(0, min(2, given.d/2, given.dLow-1))
	params.Dscore = min(params.Dscore, given.d)
	params.HeartbeatInterval = 700 * time.Millisecond
	params.FanoutTTL = time.Minute
	params.HistoryLength, params.HistoryGossip = 6, 3
	params.PruneBackoff = time.Minute
	return pubsub.NewGossipSub(ctx, host,
		pubsub.WithMessageSignaturePolicy(pubsub.StrictNoSign),
		pubsub.WithNoAuthor(),
		pubsub.WithMessageIdFn(func(message *pb.Message) string { return messageID(message.GetTopic(), message.GetData()) }),
		pubsub.WithGossipSubParams(params),
		pubsub.WithGossipSubProtocols(meshsub, pubsub.GossipSubDefaultFeatures),
		pubsub.WithSeenMessagesTTL(24*time.Second),
		pubsub.WithMaxMessageSize(maxMessageBytes),
		pubsub.WithFloodPublish(false),
		// The default of 32 drops messages within a burst.
		pubsub.WithPeerOutboundQueueSize(1024),
		pubsub.WithRawTracer(mirror),
	)
}
