package checkpoint

import (
	"bytes"
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/netlyra/netlyra/internal/bus/bustest"
	"github.com/netlyra/netlyra/internal/bus/client"
	"github.com/netlyra/netlyra/internal/models"
)

// tornSave writes some chunks and no catalogue, like a process that dies while saving.
func tornSave(t *testing.T, c *client.Client, tear func(rs []*kgo.Record) []*kgo.Record) {
	t.Helper()
	s, key := New(c, DefaultConfig()), laneKey{"g", 0}
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

// TestTornCheckpoint: after an incomplete save, or one with changed chunks, the previous
// checkpoint is loaded.
func TestTornCheckpoint(t *testing.T) {
	c := bustest.Dial(t, bustest.StartBroker(t, "").Addr(), client.Deps{}, nil)
	good := randomState(2*chunkBody + 100)
	for name, tear := range map[string]func(rs []*kgo.Record) []*kgo.Record{
		"last chunk missing":  func(rs []*kgo.Record) []*kgo.Record { return rs[:len(rs)-1] },
		"first chunk missing": func(rs []*kgo.Record) []*kgo.Record { return rs[1:] },
		"bit flipped":         func(rs []*kgo.Record) []*kgo.Record { rs[1].Value[chunkHeader+9] ^= 1; return rs },
		"other version":       func(rs []*kgo.Record) []*kgo.Record { rs[0].Value[4] = 9; return rs },
		"truncated":           func(rs []*kgo.Record) []*kgo.Record { rs[2].Value = rs[2].Value[:chunkHeader+3]; return rs },
	} {
		t.Run(name, func(t *testing.T) {
			if err := New(c, DefaultConfig()).Save(t.Context(), "g", 0, 100, good); err != nil {
				t.Fatal(err)
			}
			for round := range 3 {
				tornSave(t, c, tear)
				if o, got := load(t, New(c, DefaultConfig()), 0); o != 100 || !bytes.Equal(got, good) {
					t.Fatalf("round %d: offset %d and %d bytes", round, o, len(got))
				}
			}
			if err := New(c, DefaultConfig()).Save(t.Context(), "g", 0, 300, good[:50]); err != nil {
				t.Fatal(err)
			}
			if o, got := load(t, New(c, DefaultConfig()), 0); o != 300 || len(got) != 50 {
				t.Errorf("next save: offset %d, %d bytes", o, len(got))
			}
		})
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
		if slot := cat.give(DefaultConfig()); slot < 0 || slot >= len(cat.left) {
			t.Fatalf("slot %d", slot)
		}
		if cat, err := parseCatalogue(v2); err == nil {
			cat.give(DefaultConfig())
		}
	})
}
