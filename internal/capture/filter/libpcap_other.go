//go:build !((linux || darwin || freebsd) && (amd64 || arm64))

package filter

import (
	"errors"

	"golang.org/x/net/bpf"
)

var errNoPcap = errors.New("filters need libpcap, which NetLyra cannot load on this system: remove the filter")

// Available returns why filters cannot be compiled on this system.
func Available() error { return errNoPcap }

func pcapCompile(string, int, int) ([]bpf.RawInstruction, error) { return nil, errNoPcap }
