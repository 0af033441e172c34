//go:build !((linux || darwin || freebsd) && (amd64 || arm64))

package capture

import (
	"errors"

	"golang.org/x/net/bpf"
)

var errNoPcap = errors.New("filters need libpcap, which NetLyra cannot load on this system: leave the filter out")

func loadPcap() error { return errNoPcap }

func pcapCompile(string, int, int) ([]bpf.RawInstruction, error) { return nil, errNoPcap }
