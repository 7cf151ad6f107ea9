package main

import (
	"encoding/hex"
	"errors"
	"flag"
	"fmt"
	"strings"
)

type repeated []string

func (values *repeated) String() string { return strings.Join(*values, ",") }

func (values *repeated) Set(value string) error {
	*values = append(*values, value)
	return nil
}

// arguments is what the command line says. The Rust peer takes the same flags; see test/peers/README.md.
type arguments struct {
	key, status          []byte
	listen, topics, dial repeated
	noGossip             bool
	quietMessages        bool
	d, dLow, dHigh       int
}

func parseArguments(words []string) (arguments, error) {
	parsed := arguments{d: 8, dLow: 6, dHigh: 12}
	flags := flag.NewFlagSet("go-peer", flag.ContinueOnError)
	key := flags.String("key", "", "32-byte secp256k1 secret in hex")
	mesh := flags.String("mesh-d", "8,6,12", "D,Dlow,Dhigh")
	status := flags.String("status", "", "body of its Status in hex; without one it does not speak the protocol")
	flags.Var(&parsed.listen, "listen", "address to listen on, repeatable")
	flags.Var(&parsed.topics, "topic", "topic to subscribe to, repeatable")
	flags.Var(&parsed.dial, "dial", "address with /p2p/ to dial, repeatable")
	flags.BoolVar(&parsed.noGossip, "no-gossip", false, "do not speak gossipsub")
	flags.BoolVar(&parsed.quietMessages, "quiet-messages", false, "count messages, do not print them")
	if err := flags.Parse(words); err != nil {
		return parsed, err
	}
	if flags.NArg() > 0 {
		return parsed, fmt.Errorf("unknown argument %s", flags.Arg(0))
	}
	secret, err := hex.DecodeString(strings.TrimPrefix(*key, "0x"))
	if err != nil || (len(secret) != 0 && len(secret) != 32) {
		return parsed, errors.New("--key must be 32 bytes in hex")
	}
	parsed.key = secret
	if *status != "" {
		if parsed.status, err = statusBody(*status); err != nil {
			return parsed, err
		}
	}
	_, err = fmt.Sscanf(*mesh, "%d,%d,%d", &parsed.d, &parsed.dLow, &parsed.dHigh)
	if err != nil || parsed.dLow > parsed.d || parsed.d > parsed.dHigh {
		return parsed, errors.New("--mesh-d must be D,Dlow,Dhigh with Dlow <= D <= Dhigh")
	}
	return parsed, nil
}
