package bus

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/netlyra/netlyra/internal/models"
)

func randomState(n int) []byte {
	b := make([]byte, n)
	rng := rand.New(rand.NewPCG(uint64(n), 7))
	for i := 0; i < len(b); i += 8 {
		word := binary.LittleEndian.AppendUint64(nil, rng.Uint64())
		copy(b[i:], word)
	}
	return b
}

func load(t *testing.T, s *Checkpoints, p int32) (int64, []byte) {
	t.Helper()
	o, state, err := s.Load(t.Context(), "g", p)
	if err != nil {
		t.Fatal(err)
	}
	return o, state
}

func TestCheckpoints(t *testing.T) {
	b := broker(t, "")
	c := dial(t, b.Addr(), Deps{}, func(c *Config) { c.Partitions = 2 })
	s := c.Checkpoints()
	if _, _, err := s.Load(t.Context(), "g", 0); !errors.Is(err, ErrNoCheckpoint) {
		t.Fatalf("none: %v", err)
	}
	other := randomState(1000)
	if err := s.Save(t.Context(), "g", 1, 77, other); err != nil {
		t.Fatal(err)
	}
	// Sizes around the chunk's, growing and shrinking; a new Checkpoints as after a restart.
	for i, n := range []int{0, 1, chunkBody, chunkBody + 1, 3 * chunkBody, 10, 2*chunkBody + 5, 5} {
		if i%3 == 2 {
			s = c.Checkpoints()
		}
		if i == 5 && b.embedded != nil { // a cluster compacts when it likes
			b.Cluster().Compact()
		}
		state := randomState(n)
		if err := s.Save(t.Context(), "g", 0, int64(i), state); err != nil {
			t.Fatal(err)
		}
		for _, l := range []*Checkpoints{s, c.Checkpoints()} {
			if o, got := load(t, l, 0); o != int64(i) || !bytes.Equal(got, state) {
				t.Fatalf("checkpoint %d of %d bytes: got offset %d and %d bytes", i, n, o, len(got))
			}
		}
	}
	if o, got := load(t, s, 1); o != 77 || !bytes.Equal(got, other) {
		t.Error("another partition's checkpoint has changed")
	}
}

// tornSave is a process that dies while it saves: some chunks are written, no catalogue.
func tornSave(t *testing.T, c *Client, tear func(rs []*kgo.Record) []*kgo.Record) {
	t.Helper()
	s, key := c.Checkpoints(), checkpointKey{"g", 0}
	known, err := s.known(t.Context(), key)
	if err != nil {
		t.Fatal(err)
	}
	next := known.clone()
	e := entry{CheckpointInfo: models.CheckpointInfo{Offset: 200}, Seq: known.seq() + 1, Slot: next.give(s.cfg)}
	if _, err := s.write(t.Context(), tear(s.records(key, e.Slot, e.split(randomState(3*chunkBody)), 0))); err != nil {
		t.Fatal(err)
	}
}

// TestTornCheckpoint: chunks missing, changed or of another version leave the one
// before, again and again, whatever is torn.
func TestTornCheckpoint(t *testing.T) {
	c := dial(t, broker(t, "").Addr(), Deps{}, nil)
	good := randomState(2*chunkBody + 100)
	for name, tear := range map[string]func(rs []*kgo.Record) []*kgo.Record{
		"last chunk missing":  func(rs []*kgo.Record) []*kgo.Record { return rs[:len(rs)-1] },
		"first chunk missing": func(rs []*kgo.Record) []*kgo.Record { return rs[1:] },
		"bit flipped":         func(rs []*kgo.Record) []*kgo.Record { rs[1].Value[chunkHeader+9] ^= 1; return rs },
		"other version":       func(rs []*kgo.Record) []*kgo.Record { rs[0].Value[4] = 9; return rs },
		"cut":                 func(rs []*kgo.Record) []*kgo.Record { rs[2].Value = rs[2].Value[:chunkHeader+3]; return rs },
	} {
		t.Run(name, func(t *testing.T) {
			if err := c.Checkpoints().Save(t.Context(), "g", 0, 100, good); err != nil {
				t.Fatal(err)
			}
			for round := range 3 {
				tornSave(t, c, tear)
				if o, got := load(t, c.Checkpoints(), 0); o != 100 || !bytes.Equal(got, good) {
					t.Fatalf("round %d: offset %d and %d bytes", round, o, len(got))
				}
			}
			if err := c.Checkpoints().Save(t.Context(), "g", 0, 300, good[:50]); err != nil {
				t.Fatal(err)
			}
			if o, got := load(t, c.Checkpoints(), 0); o != 300 || len(got) != 50 {
				t.Errorf("after it: offset %d, %d bytes", o, len(got))
			}
		})
	}
}

// TestSaveHeedsItsContext: with the broker gone, Save gives up when told to.
func TestSaveHeedsItsContext(t *testing.T) {
	b := broker(t, "")
	c := dial(t, b.Addr(), Deps{}, nil)
	s := c.Checkpoints()
	if err := s.Save(t.Context(), "g", 0, 1, []byte("x")); err != nil {
		t.Fatal(err)
	}
	_ = b.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if err := s.Save(ctx, "g", 0, 2, []byte("y")); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
}

func FuzzCheckpointAssembly(f *testing.F) {
	e := entry{CheckpointInfo: models.CheckpointInfo{Offset: 7}, Seq: 3}
	chunks := e.split([]byte("state"))
	f.Add([]byte("g/0/a.0"), chunks[0], []byte("g/0/b.0"), chunks[0])
	f.Add([]byte("g/0/a.1"), []byte{}, []byte("g/0/a.99999999999"), chunks[0])
	f.Add([]byte("g/0/z.0"), chunks[0], []byte("g/0/head"), []byte(`{"version":1}`))
	f.Fuzz(func(t *testing.T, k1, v1, k2, v2 []byte) {
		a := assembly{prefix: "g/0/"}
		a.add(k1, v1, location{})
		a.add(k2, v2, location{})
		cat, _ := a.catalogue()
		if slot := cat.give(DefaultCheckpointConfig()); slot < 0 || slot >= len(cat.left) {
			t.Fatalf("slot %d", slot)
		}
		if cat, err := parseCatalogue(v2); err == nil {
			cat.give(DefaultCheckpointConfig())
		}
	})
}

// TestCheckpointLargerThanTheBuffer: a flood of hosts makes a state of tens of megabytes,
// and alerts take room in the same buffer.
func TestCheckpointLargerThanTheBuffer(t *testing.T) {
	b := broker(t, "")
	c := dial(t, b.Addr(), Deps{}, func(c *Config) { c.MaxBufferedBytes = 1 << 20 })
	state := randomState(6 << 20)
	stop := make(chan struct{})
	defer close(stop)
	go func() {
		for {
			select {
			case <-stop:
				return
			default:
				_ = c.PublishAlert(t.Context(), &models.Alert{ID: "A1", Summary: string(make([]byte, 100<<10))})
			}
		}
	}()
	s := c.Checkpoints()
	for i := range 2 {
		if err := s.Save(t.Context(), "g", 0, int64(i), state); err != nil {
			t.Fatal(err)
		}
	}
	if o, got := load(t, c.Checkpoints(), 0); o != 1 || !bytes.Equal(got, state) {
		t.Errorf("offset %d, %d bytes of %d", o, len(got), len(state))
	}
}
