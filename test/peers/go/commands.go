package main

import (
	"encoding/hex"
	"encoding/json"
	"fmt"

	"github.com/libp2p/go-libp2p/core/peer"
)

type command struct {
	Do        string  `json:"do"`
	Address   string  `json:"address"`
	Peer      string  `json:"peer"`
	Topic     string  `json:"topic"`
	Hex       string  `json:"hex"`
	Bytes     int     `json:"bytes"`
	PerSecond float64 `json:"perSecond"`
	Seconds   float64 `json:"seconds"`
}

// run runs one line of standard input. False means that the peer is to leave.
func (node *node) run(line []byte) bool {
	var command command
	err := json.Unmarshal(line, &command)
	if err == nil {
		if command.Do == "quit" {
			return false
		}
		err = node.do(command)
	}
	if err != nil {
		node.out.emit(event{"event": "error", "error": err.Error(), "command": string(line)})
	}
	return true
}

func (node *node) do(command command) error {
	switch command.Do {
	case "dial":
		go node.dial(command.Address)
	case "disconnect":
		id, err := peer.Decode(command.Peer)
		if err != nil {
			return err
		}
		return node.host.Network().ClosePeer(id)
	case "subscribe":
		return node.subscribe(command.Topic)
	case "unsubscribe":
		node.unsubscribe(command.Topic)
	case "publish":
		return node.doPublish(command)
	case "flood":
		go node.flood(command.Topic, command.Bytes, command.PerSecond, command.Seconds)
	case "status":
		go node.doStatus(command)
	case "set-status":
		return node.setStatus(command.Hex)
	case "message-id":
		wire, err := hex.DecodeString(command.Hex)
		if err != nil {
			return err
		}
		node.out.emit(event{"event": "message-id", "id": hex.EncodeToString([]byte(messageID(command.Topic, wire)))})
	case "stats":
		node.out.emit(event{
			"event": "stats", "received": node.mirror.received.Load(), "bytes": node.mirror.bytes.Load(),
			"copies": node.mirror.copies.Load(), "sent": node.mirror.sent.Load(),
		})
	case "delays":
		node.out.emit(node.mirror.delays.take())
	default:
		return fmt.Errorf("the go peer does not know how to do %q", command.Do)
	}
	return nil
}

func (node *node) doPublish(command command) error {
	wire, err := hex.DecodeString(command.Hex)
	if err != nil {
		return err
	}
	if err := node.publish(command.Topic, wire); err != nil {
		node.out.emit(event{"event": "published", "ok": false, "error": err.Error()})
	} else {
		node.out.emit(event{"event": "published", "ok": true})
	}
	return nil
}

// doStatus sends the body given in hex, or else the zeros that every client tolerates.
func (node *node) doStatus(command command) {
	answer := event{"event": "status", "peer": command.Peer}
	body, err := hex.DecodeString(command.Hex)
	if len(body) == 0 {
		body = make([]byte, statusBytes)
	}
	var id peer.ID
	if err == nil {
		id, err = peer.Decode(command.Peer)
	}
	if err == nil {
		var code byte
		var received []byte
		code, received, err = node.requestStatus(id, body)
		answer["code"], answer["hex"] = code, hex.EncodeToString(received)
	}
	if err != nil {
		answer["error"] = err.Error()
	}
	node.out.emit(answer)
}
