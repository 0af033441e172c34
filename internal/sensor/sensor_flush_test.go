package sensor

import (
	"context"
	"errors"
	"io"
	"testing"
	"testing/synctest"
	"time"

	"github.com/netlyra/netlyra/internal/capture"
	"github.com/netlyra/netlyra/internal/conntrack"
	"github.com/netlyra/netlyra/internal/decode"
	"github.com/netlyra/netlyra/internal/models"
	"github.com/netlyra/netlyra/internal/obs"
)

// slowBroker acknowledges with a delay.
type slowBroker struct{ after time.Duration }

func (slowBroker) Publish(*models.PacketMeta) error     { return nil }
func (slowBroker) TryPublish(*models.PacketMeta) bool   { return true }
func (slowBroker) PublishConnection(*models.Connection) {}
func (b slowBroker) Flush(ctx context.Context) error {
	select {
	case <-time.After(b.after):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// grace is the FlushTimeout of these tests.
const grace = 10 * time.Second

// nothing is a source without frames.
type nothing struct{}

func (nothing) Next(*models.Frame) error { return io.EOF }
func (nothing) Close() error             { return nil }
func (nothing) Stats() capture.Stats     { return capture.Stats{} }

// TestSensorWaitsForTheBroker: at the end of a file the sensor waits without limit for an
// unreachable broker, so that all packets are published; after an interrupt it waits at most
// FlushTimeout.
func TestSensorWaitsForTheBroker(t *testing.T) {
	for name, c := range map[string]struct {
		away      time.Duration
		interrupt time.Duration // 0 = none
		ends      time.Duration
		err       error
	}{
		"back after a minute":            {time.Minute, 0, time.Minute, nil},
		"interrupted, back in time":      {grace - time.Second, time.Nanosecond, time.Nanosecond + grace - time.Second, nil},
		"interrupted while it waits":     {time.Hour, time.Minute, time.Minute + grace, context.DeadlineExceeded},
		"interrupted, and back too late": {time.Hour, time.Nanosecond, time.Nanosecond + grace, context.DeadlineExceeded},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				if c.interrupt > 0 {
					time.AfterFunc(c.interrupt, cancel)
				}
				to := slowBroker{c.away}
				s := New(Config{Source: nothing{}, Decode: decode.DefaultConfig(), Conntrack: conntrack.DefaultConfig(), FlushTimeout: grace}, to, to, &obs.Ledger{})
				began := time.Now()
				if err := s.Run(ctx); !errors.Is(err, c.err) {
					t.Errorf("got %v, want %v", err, c.err)
				}
				if took := time.Since(began); took != c.ends {
					t.Errorf("took %s, want %s", took, c.ends)
				}
			})
		})
	}
}
