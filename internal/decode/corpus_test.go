package decode

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/gopacket/pcapgo"

	"github.com/netlyra/netlyra/internal/models"
)

// corpora is the folder of shared captures; the test is skipped without it.
func corpora(t testing.TB) string {
	t.Helper()
	dir := os.Getenv("NETLYRA_SHARED")
	if dir == "" {
		dir = filepath.Join("..", "..", "..", "shared")
	}
	dir = filepath.Join(dir, "corpora")
	if _, err := os.Stat(dir); err != nil {
		t.Skipf("no shared captures at %s; set NETLYRA_SHARED to their folder", dir)
	}
	return dir
}

// captures are the pcap files below the corpora.
func captures(t testing.TB) (files []string) {
	t.Helper()
	err := filepath.WalkDir(corpora(t), func(path string, e os.DirEntry, err error) error {
		if err == nil && filepath.Ext(path) == ".pcap" {
			files = append(files, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// each calls fn for every frame of a capture.
func each(t testing.TB, path string, fn func(f *models.Frame)) {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	r, err := pcapgo.NewReader(file)
	if err != nil {
		t.Skipf("%s: %v", path, err)
	}
	for {
		data, ci, err := r.ReadPacketData()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		fn(&models.Frame{
			TS: models.TimestampOf(ci.Timestamp), Link: models.LinkType(r.LinkType()),
			WireLen: uint32(ci.Length), Data: data,
		})
	}
}
