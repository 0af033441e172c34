package hst

import (
	"bytes"
	"math/rand/v2"
	"testing"
)

func TestSnapshotContinues(t *testing.T) {
	for _, cfg := range []Config{{Features: 4}, {Features: 4, Mode: ModePaper}, {Features: 4, Mode: ModeRiver, Trees: 7}, {Features: 4, Keep: .75, SizeLimit: .02}} {
		ps := points(rand.New(rand.NewPCG(1, 2)), 3000, 4)
		a := must(t, cfg)
		for i, x := range ps {
			if i%501 == 0 {
				b := must(t, cfg)
				rest, err := b.Restore(append(a.AppendState([]byte("front"))[5:], "rest"...))
				if err != nil || string(rest) != "rest" {
					t.Fatalf("%+v: %v, left %q", cfg, err, rest)
				}
				for _, y := range ps[i:min(i+700, len(ps))] {
					if sa, sb := a.Score(y), b.ScoreLearn(y); b.Windows() == a.Windows() && sa != sb {
						t.Fatalf("%+v at %d: %v, restored %v", cfg, i, sa, sb)
					}
				}
				a = must(t, cfg)
				for _, y := range ps[:i] {
					a.Learn(y)
				}
			}
			a.Learn(x)
		}
		b := must(t, cfg)
		if _, err := b.Restore(a.AppendState(nil)); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(a.AppendState(nil), b.AppendState(nil)) {
			t.Errorf("%+v: snapshot of the restored forest differs", cfg)
		}
	}
}

func TestSnapshotRefusals(t *testing.T) {
	cfg := Config{Features: 3, Trees: 5, Depth: 4}
	a := must(t, cfg)
	for _, x := range points(rand.New(rand.NewPCG(1, 2)), 700, 3) {
		a.Learn(x)
	}
	good := a.AppendState(nil)
	for i := range good {
		if _, err := must(t, cfg).Restore(good[:i]); err == nil {
			t.Fatalf("Restore accepted a snapshot cut at %d of %d", i, len(good))
		}
		bad := bytes.Clone(good)
		bad[i] ^= 0x41
		f := must(t, cfg)
		if _, err := f.Restore(bad); err == nil {
			t.Fatalf("Restore accepted a snapshot with byte %d changed", i)
		}
		if f.Ready() || f.Pending() != 0 {
			t.Fatal("forest is not empty after a rejected snapshot")
		}
	}
	cfg.Seed++
	if _, err := must(t, cfg).Restore(good); err == nil {
		t.Error("Restore accepted a snapshot of other trees")
	}
}

func FuzzRestore(f *testing.F) {
	cfg := Config{Features: 2, Trees: 2, Depth: 3}
	a, _ := New(cfg)
	for range 300 {
		a.Learn([]float64{.5, .5})
	}
	f.Add(a.AppendState(nil))
	f.Fuzz(func(t *testing.T, b []byte) {
		g, _ := New(cfg)
		if _, err := g.Restore(b); err != nil && g.Ready() {
			t.Error("forest is not empty after a rejected snapshot")
		}
	})
}
