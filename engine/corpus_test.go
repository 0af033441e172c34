package engine

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/netlyra/netlyra/internal/capture"
	"github.com/netlyra/netlyra/internal/capture/pcapfile"
	"github.com/netlyra/netlyra/internal/conntrack"
	"github.com/netlyra/netlyra/internal/decode"
	"github.com/netlyra/netlyra/internal/models"
)

// shared is the directory of public captures; tests that need it are skipped without it.
func shared(t testing.TB, path string) string {
	t.Helper()
	dir := os.Getenv("NETLYRA_SHARED")
	if dir == "" {
		dir = "../../shared"
	}
	p := filepath.Join(dir, path)
	if _, err := os.Stat(p); err != nil {
		t.Skipf("no public captures here (%s): set NETLYRA_SHARED", p)
	}
	return p
}

// readCapture returns the packets of a capture as in the packets topic. index is the number of
// each packet's frame in the file.
func readCapture(t testing.TB, path string) (list []models.PacketMeta, index []int) {
	t.Helper()
	src, err := pcapfile.Open(path, capture.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	return readSource(t, src, nil)
}

// readSource decodes and tracks all frames of a source and calls each with the frame number of
// every packet.
func readSource(t testing.TB, src capture.Source, each func()) (list []models.PacketMeta, index []int) {
	t.Helper()
	d, table := decode.New(decode.DefaultConfig()), conntrack.New(conntrack.DefaultConfig(), nil)
	var f models.Frame
	var p models.Packet
	for i := 0; ; i++ {
		if err := src.Next(&f); errors.Is(err, io.EOF) {
			return list, index
		} else if err != nil {
			t.Fatal(err)
		}
		if d.Decode(&f, &p) == nil {
			table.Track(&p)
			list, index = append(list, p.Meta), append(index, i)
			if each != nil {
				each()
			}
		}
	}
}
