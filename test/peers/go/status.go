package main

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/golang/snappy"
	"github.com/libp2p/go-libp2p/core/peer"
)

const (
	statusProtocol = "/leanconsensus/req/status/1/ssz_snappy"
	statusBytes    = 80
)

// requestStatus sends a Status of its own and returns the other's code and body.
func (node *node) requestStatus(id peer.ID, body []byte) (code byte, answer []byte, err error) {
	ctx, cancel := context.WithTimeout(node.ctx, 10*time.Second)
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
	answer, err = unframed(response[1:])
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

func unframed(frame []byte) ([]byte, error) {
	reader := bytes.NewReader(frame)
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
