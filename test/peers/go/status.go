package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/golang/snappy"
	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
)

const (
	statusProtocol = "/leanconsensus/req/status/1/ssz_snappy"
	statusBytes    = 80
	statusTimeout  = 10 * time.Second
	codeOk         = 0
)

func statusBody(text string) ([]byte, error) {
	body, err := hex.DecodeString(text)
	if err != nil || len(body) != statusBytes {
		return nil, errors.New("a Status must be 80 bytes in hex")
	}
	return body, nil
}

func (node *node) setStatus(text string) error {
	if node.status.Load() == nil {
		return errors.New("started without --status")
	}
	body, err := statusBody(text)
	if err == nil {
		node.status.Store(&body)
	}
	return err
}

func (node *node) answerStatus(stream network.Stream) {
	defer stream.Close()
	_ = stream.SetDeadline(time.Now().Add(statusTimeout))
	asked, err := unframed(io.LimitReader(stream, 1024))
	if err != nil {
		_ = stream.Reset()
		return
	}
	from := stream.Conn().RemotePeer().String()
	node.out.emit(event{"event": "status-request", "peer": from, "hex": hex.EncodeToString(asked)})
	_, _ = stream.Write(append([]byte{codeOk}, framed(*node.status.Load())...))
}

// requestStatus sends a Status of its own and returns the other's code and body.
func (node *node) requestStatus(id peer.ID, body []byte) (code byte, answer []byte, err error) {
	ctx, cancel := context.WithTimeout(node.ctx, statusTimeout)
	defer cancel()
	stream, err := node.host.NewStream(ctx, id, statusProtocol)
	if err != nil {
		return 0, nil, err
	}
	defer stream.Reset()
	deadline, _ := ctx.Deadline()
	_ = stream.SetDeadline(deadline)
	if _, err = stream.Write(framed(body)); err != nil {
		return 0, nil, err
	}
	if err = stream.CloseWrite(); err != nil {
		return 0, nil, err
	}
	response, err := io.ReadAll(io.LimitReader(stream, 1024))
	if err != nil {
		return 0, nil, err
	}
	if len(response) == 0 {
		return 0, nil, errors.New("the stream ended without a response")
	}
	answer, err = unframed(bytes.NewReader(response[1:]))
	return response[0], answer, err
}

func framed(body []byte) []byte {
	var frame bytes.Buffer
	frame.Write(binary.AppendUvarint(nil, uint64(len(body))))
	writer := snappy.NewBufferedWriter(&frame)
	_, _ = writer.Write(body)
	_ = writer.Close()
	return frame.Bytes()
}

func unframed(stream io.Reader) ([]byte, error) {
	reader := bufio.NewReader(stream)
	length, err := binary.ReadUvarint(reader)
	if err != nil {
		return nil, fmt.Errorf("length: %w", err)
	}
	if length != statusBytes {
		return nil, fmt.Errorf("length is %d, not %d", length, statusBytes)
	}
	body := make([]byte, length)
	_, err = io.ReadFull(snappy.NewReader(reader), body)
	return body, err
}
