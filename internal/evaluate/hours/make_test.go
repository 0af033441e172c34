package hours

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/netlyra/netlyra/internal/capture/demo"
	"github.com/netlyra/netlyra/internal/capture/pcapfile"
	"github.com/netlyra/netlyra/internal/models"
)

// written writes the frames of generated traffic to a capture: those of the attack, or the
// others.
func written(t testing.TB, name string, c demo.Config, attack bool) string {
	t.Helper()
	g, err := demo.New(c)
	if err != nil {
		t.Fatal(err)
	}
	f, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	w, err := pcapfile.NewWriter(f, models.LinkEthernet)
	if err != nil {
		t.Fatal(err)
	}
	var frame models.Frame
	for {
		err := g.Next(&frame)
		if errors.Is(err, io.EOF) {
			break
		}
		if err == nil && (g.Label() != "") == attack {
			err = w.Write(&frame)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	return name
}

// office writes a capture of a few minutes of ordinary traffic.
func office(t testing.TB, name string, seed uint64) string {
	c := demo.DefaultConfig()
	c.Seed, c.Rate, c.Rotation, c.Duration = seed, 4, nil, 3*time.Minute
	return written(t, name, c, false)
}

// attackOf writes the capture of an attack.
func attackOf(t testing.TB, name, kind string) string {
	c := demo.DefaultConfig()
	c.Rate, c.Rotation, c.Duration = 1, nil, 20*time.Second
	c.Attacks = []demo.Attack{{Kind: kind, At: time.Second}}
	return written(t, name, c, true)
}

// small returns an experiment with two generated attacks in the hours of four captures.
func small(t testing.TB) Config {
	t.Helper()
	dir := t.TempDir()
	benign, attacks := filepath.Join(dir, "benign"), filepath.Join(dir, "attacks")
	for _, d := range []string{benign, filepath.Join(benign, "more"), attacks} {
		if err := os.Mkdir(d, 0o777); err != nil {
			t.Fatal(err)
		}
	}
	for i, name := range []string{"a__1.pcap", "a__2.pcap", "b__1.pcap", "more/c__1.pcap"} {
		office(t, filepath.Join(benign, name), uint64(i+1))
	}
	attackOf(t, filepath.Join(attacks, "a__scan.pcap"), demo.SYNScan)
	attackOf(t, filepath.Join(attacks, "b__flood.pcap"), demo.SYNFlood)
	index := filepath.Join(dir, "index.tsv")
	text := "file\tkind\tattacker\n# comment\nattack/a__scan.pcap\tscan\t-\tdemo\nattack/b__flood.pcap\tattack:flood\tmany (spoofed)\n"
	if err := os.WriteFile(index, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	c := DefaultConfig()
	c.Benign, c.Attacks, c.Index = []string{benign}, []string{attacks}, []string{index}
	c.Seeds, c.Take, c.Uses = []uint64{1, 2}, 3, 2
	return c
}
