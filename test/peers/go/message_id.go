package main

import (
	"crypto/sha256"
	"encoding/binary"

	"github.com/golang/snappy"
)

// The largest message of the network, compressed or not.
const maxMessageBytes = 12 << 20

var (
	invalidSnappy = []byte{0, 0, 0, 0}
	validSnappy   = []byte{1, 0, 0, 0}
)

// messageID is the lean network's: 20 bytes of SHA-256 over domain, topic length, topic and data.
func messageID(topic string, wire []byte) string {
	domain, data := invalidSnappy, wire
	// The length that a message claims is checked first, so that a few bytes cannot ask for gigabytes.
	if length, err := snappy.DecodedLen(wire); err == nil && length <= maxMessageBytes {
		if decoded, err := snappy.Decode(nil, wire); err == nil {
			domain, data = validSnappy, decoded
		}
	}
	hash := sha256.New()
	hash.Write(domain)
	hash.Write(binary.LittleEndian.AppendUint64(nil, uint64(len(topic))))
	hash.Write([]byte(topic))
	hash.Write(data)
	return string(hash.Sum(nil)[:20])
}
