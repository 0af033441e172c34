package checkpoint

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/netlyra/netlyra/internal/bus/bustest"
	"github.com/netlyra/netlyra/internal/bus/client"
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

func load(t *testing.T, s *Store, p int32) (int64, []byte) {
	t.Helper()
	o, state, err := s.Load(t.Context(), "g", p)
	if err != nil {
		t.Fatal(err)
	}
	return o, state
}

func TestCheckpoints(t *testing.T) {
	b := bustest.StartBroker(t, "")
	c := bustest.Dial(t, b.Addr(), client.Deps{}, func(c *client.Config) { c.Partitions = 2 })
	s := New(c, DefaultConfig())
	if _, _, err := s.Load(t.Context(), "g", 0); !errors.Is(err, ErrNotFound) {
		t.Fatalf("without a checkpoint: %v", err)
	}
	other := randomState(1000)
	if err := s.Save(t.Context(), "g", 1, 77, other); err != nil {
		t.Fatal(err)
	}
	// Sizes around that of a chunk, growing and shrinking; a new Store as after a restart.
	for i, n := range []int{0, 1, chunkBody, chunkBody + 1, 3 * chunkBody, 10, 2*chunkBody + 5, 5} {
		if i%3 == 2 {
			s = New(c, DefaultConfig())
		}
		if i == 5 {
			b.Compact()
		}
		state := randomState(n)
		if err := s.Save(t.Context(), "g", 0, int64(i), state); err != nil {
			t.Fatal(err)
		}
		for _, l := range []*Store{s, New(c, DefaultConfig())} {
			if o, got := load(t, l, 0); o != int64(i) || !bytes.Equal(got, state) {
				t.Fatalf("checkpoint %d of %d bytes: got offset %d and %d bytes", i, n, o, len(got))
			}
		}
	}
	if o, got := load(t, s, 1); o != 77 || !bytes.Equal(got, other) {
		t.Error("the checkpoint of another lane has changed")
	}
}

// TestSaveEndsWithItsContext: without a broker, Save returns when its context ends.
func TestSaveEndsWithItsContext(t *testing.T) {
	b := bustest.StartBroker(t, "")
	c := bustest.Dial(t, b.Addr(), client.Deps{}, nil)
	s := New(c, DefaultConfig())
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

// TestCheckpointLargerThanTheBuffer: states can be larger than the buffer, which alerts use
// too.
func TestCheckpointLargerThanTheBuffer(t *testing.T) {
	b := bustest.StartBroker(t, "")
	c := bustest.Dial(t, b.Addr(), client.Deps{}, func(c *client.Config) { c.MaxBufferedBytes = 1 << 20 })
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
	s := New(c, DefaultConfig())
	for i := range 2 {
		if err := s.Save(t.Context(), "g", 0, int64(i), state); err != nil {
			t.Fatal(err)
		}
	}
	if o, got := load(t, New(c, DefaultConfig()), 0); o != 1 || !bytes.Equal(got, state) {
		t.Errorf("offset %d, %d bytes of %d", o, len(got), len(state))
	}
}

// TestOversizedAmongCheckpoints: checkpoints before and after an oversized batch are found.
func TestOversizedAmongCheckpoints(t *testing.T) {
	c := bustest.Dial(t, bustest.StartBroker(t, "").Addr(), client.Deps{}, nil)
	for i := range int64(3) {
		if err := New(c, DefaultConfig()).Save(t.Context(), "g", 0, i, randomState(2*chunkBody)); err != nil {
			t.Fatal(err)
		}
		bustest.Bomb(t, c, c.Config().Topics.Checkpoints)
		if at, state := load(t, New(c, DefaultConfig()), 0); at != i || len(state) != 2*chunkBody {
			t.Errorf("checkpoint %d: offset %d, %d bytes", i, at, len(state))
		}
	}
	cat, broken, err := New(c, DefaultConfig()).scan(t.Context(), laneKey{"g", 0})
	if err != nil || len(cat.List) == 0 {
		t.Errorf("scan: %v, %v, %v", cat, broken, err)
	}
}

// TestCheckpointsAmongTransactions: checkpoints are found without delay among transactions of
// other programs.
func TestCheckpointsAmongTransactions(t *testing.T) {
	b := bustest.StartBroker(t, "")
	c := bustest.Dial(t, b.Addr(), client.Deps{}, func(c *client.Config) { c.Partitions = 2 })
	tx := bustest.Transactional(t, c, "a")
	noise := func() {
		for p := range int32(2) {
			for _, how := range []kgo.TransactionEndTry{kgo.TryCommit, kgo.TryAbort} {
				bustest.Begin(t, tx, c.Config().Topics.Checkpoints, p, "not a checkpoint")
				bustest.End(t, tx, how)
			}
		}
	}
	noise()
	ctx, cancel := context.WithTimeout(t.Context(), 3*bustest.Soon)
	defer cancel()
	if _, _, err := New(c, DefaultConfig()).Load(ctx, "g", 0); err == nil || ctx.Err() != nil {
		t.Fatalf("without a checkpoint: %v", err)
	}
	for i := range 4 {
		state := randomState(i * chunkBody)
		if err := New(c, DefaultConfig()).Save(ctx, "g", 0, int64(i), state); err != nil {
			t.Fatal(err)
		}
		noise()
		b.Compact()
		o, got, err := New(c, DefaultConfig()).Load(ctx, "g", 0)
		if err != nil || o != int64(i) || len(got) != len(state) {
			t.Fatalf("checkpoint %d: offset %d, %d bytes, %v", i, o, len(got), err)
		}
	}
}
