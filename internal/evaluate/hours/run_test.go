package hours

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/netlyra/netlyra/internal/config/configtest"
	"github.com/netlyra/netlyra/internal/models"
	"github.com/netlyra/netlyra/internal/settings"
)

// TestRun places two attacks in two hours: both are found and named, and a second run of the
// same configuration gives the same result.
func TestRun(t *testing.T) {
	cfg, c := configtest.Defaults(t), small(t)
	c.Verbose = true
	r, err := Run(t.Context(), cfg, c, settings.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if r.Pool != 4 || len(r.Hours) != 2 || len(r.Attacks) != 2 || len(r.Unread) != 0 || r.All.Runs != 4 {
		t.Fatalf("%s", r)
	}
	for i, kind := range []string{"flood", "scan"} {
		k := r.Kinds[i]
		if k.Kind != kind || k.Found != 2 || k.Named != 2 || k.Always != 1 || k.ROCAUC < .9 || !k.Seconds.Known() || k.Seconds > 5 {
			t.Errorf("%s: %+v", kind, k)
		}
	}
	again, err := Run(t.Context(), cfg, c, settings.Options{})
	if err != nil {
		t.Fatal(err)
	}
	first, _ := json.Marshal(r)
	second, _ := json.Marshal(again)
	if !bytes.Equal(first, second) || r.String() != again.String() {
		t.Errorf("the second run differs:\n%s\n%s", r, again)
	}
	if r.Hours[0].Frames == 0 || r.Attacks[0].Runs[0].ROCAUC == r.Attacks[0].Runs[1].ROCAUC {
		t.Errorf("the hours of different seeds are alike: %+v", r.Hours)
	}
	for _, want := range []string{"KIND", "a__scan.pcap", "port_scan", "false alerts an hour", "hour of seed 2"} {
		if !strings.Contains(r.String(), want) {
			t.Errorf("no %q in\n%s", want, r)
		}
	}
}

// TestSnapshotEqualsWholeRun: an attack that continues from the snapshot gives the same alerts
// and scores as a pipeline that processes hour and attack from the beginning.
func TestSnapshotEqualsWholeRun(t *testing.T) {
	cfg, c := configtest.Defaults(t), small(t)
	var benign []*recording
	files, err := find(c.Benign, c.wants)
	if err != nil || len(files) != 4 {
		t.Fatalf("%v, %v", files, err)
	}
	for i, f := range files {
		benign = append(benign, read(f, i, benignFrames, settings.Capture(cfg, nil, nil)))
	}
	h := c.lay(benign, 7)
	packets, err := track(t.Context(), cfg, h.frames)
	if err != nil {
		t.Fatal(err)
	}
	captures, _ := find(c.Attacks, c.wants)
	for i, f := range captures {
		a, err := newAttack(t.Context(), cfg, &c, read(f, i, attackFrames, settings.Capture(cfg, nil, nil)), entry{kind: "scan"})
		if err != nil {
			t.Fatal(err)
		}
		b, err := alone(t.Context(), cfg, 7, h, packets.packets, a.begin())
		if err != nil {
			t.Fatal(err)
		}
		d, err := newDetector(cfg)
		if err != nil {
			t.Fatal(err)
		}
		got, err := d.under(t.Context(), b, a, c.After)
		if err != nil {
			t.Fatal(err)
		}
		whole, err := newDetector(cfg)
		if err != nil {
			t.Fatal(err)
		}
		next, until := 0, a.end()+models.Timestamp(c.After)
		for j := range packets.packets {
			p := &packets.packets[j]
			for ; next < len(a.packets) && a.packets[next].TS < p.TS; next++ {
				whole.pipeline.Packet(&a.packets[next])
			}
			if p.TS > until {
				break
			}
			whole.pipeline.Packet(p)
		}
		whole.pipeline.Flush()
		for id, alert := range d.alerts { // whole has also those from before
			if !reflect.DeepEqual(whole.alerts[id], alert) {
				t.Errorf("%s: alert %s differs:\n%+v\n%+v", a.name, id, alert, whole.alerts[id])
			}
		}
		if !got.Found || len(d.alerts) == 0 {
			t.Errorf("%s: %+v", a.name, got)
		}
	}
}

// TestUnreadable: files that are no captures, and damaged ones, are reported or read as far as
// possible.
func TestUnreadable(t *testing.T) {
	cfg, c := configtest.Defaults(t), small(t)
	b, err := os.ReadFile(filepath.Join(c.Attacks[0], "a__scan.pcap"))
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string][]byte{"cut.pcap": b[:len(b)/2], "text.pcap": []byte("this is not a capture"), "empty.pcap": b[:24], "notes.txt": nil} {
		if err := os.WriteFile(filepath.Join(c.Attacks[0], name), content, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	c.Seeds, c.NotOwners = []uint64{1}, []string{"b__flood.pcap", "b"}
	r, err := Run(t.Context(), cfg, c, settings.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Attacks) != 2 || r.Attacks[1].Name != "cut.pcap" || r.Attacks[1].Kind != unknownKind || len(r.Unread) != 2 || r.Pool != 3 {
		t.Errorf("%s\n%+v", r, r.Attacks)
	}
	c.Owners = []string{"other"}
	if _, err := Run(t.Context(), cfg, c, settings.Options{}); err == nil {
		t.Error("no error without benign captures")
	}
	c = small(t)
	c.Index = append(c.Index, filepath.Join(c.Attacks[0], "none.tsv"))
	if _, err := Run(t.Context(), cfg, c, settings.Options{}); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("missing index: %v", err)
	}
}

// TestInterrupted: the end of the context ends the experiment.
func TestInterrupted(t *testing.T) {
	c := small(t)
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if _, err := Run(ctx, configtest.Defaults(t), c, settings.Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("interrupted: %v", err)
	}
}

// TestPublicCaptures runs a short experiment with public captures.
func TestPublicCaptures(t *testing.T) {
	dir := os.Getenv("NETLYRA_SHARED")
	if dir == "" {
		dir = filepath.Join("..", "..", "..", "..", "shared")
	}
	corpora := filepath.Join(dir, "corpora")
	if _, err := os.Stat(filepath.Join(corpora, "attacks")); err != nil {
		t.Skipf("no public captures in %s; set NETLYRA_SHARED", corpora)
	}
	c := DefaultConfig()
	c.Benign = []string{filepath.Join(corpora, "attacks", "benign")}
	c.Attacks = []string{filepath.Join(corpora, "attacks", "attack")}
	c.Seeds, c.Take, c.Uses, c.Only = []uint64{1}, 4, 1, "nmap_tcp"
	r, err := Run(t.Context(), configtest.Defaults(t), c, settings.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Attacks) != 1 || r.Attacks[0].Frames < 1000 || r.All.Found != 1 {
		t.Errorf("%s", r)
	}
}
