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

// shared is the folder of public captures; tests that need it skip without it.
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

// readCapture is a capture as the engine's topic would carry it; index is each
// packet's place among the frames of the file.
func readCapture(t testing.TB, path string) (list []models.PacketMeta, index []int) {
	t.Helper()
	src, err := pcapfile.Open(path, capture.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	return readSource(t, src, nil)
}

// readSource decodes and tracks all of a source; each is called with the index of a
// packet that was kept.
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
