package bench

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"math"
	"testing"
	"testing/synctest"
	"time"

	"github.com/netlyra/netlyra/internal/capture"
	"github.com/netlyra/netlyra/internal/config"
	"github.com/netlyra/netlyra/internal/models"
)

// endless is a source whose frames have no timestamps.
type endless struct{ capture.Source }

func (endless) Next(f *models.Frame) error { f.TS = 0; return nil }

func TestStampedFramesAreDueByRate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := stamped{Source: endless{}, rate: 1000, duration: time.Second}
		began := models.TimestampOf(time.Now())
		var f models.Frame
		for i := range 1000 {
			if err := s.Next(&f); err != nil {
				t.Fatalf("frame %d: %v", i, err)
			}
			if want := began + models.Timestamp(i)*models.Timestamp(time.Millisecond); f.TS != want {
				t.Fatalf("frame %d is due at %d, want %d", i, f.TS, want)
			}
			<-time.After(10 * time.Millisecond) // a slow reader does not move the times
		}
		if err := s.Next(&f); !errors.Is(err, io.EOF) {
			t.Errorf("after the duration: got %v, want EOF", err)
		}
	})
}

func TestStampedFramesWithoutARateFollowTheClock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := stamped{Source: endless{}, duration: time.Second}
		var f models.Frame
		frames := 0
		for s.Next(&f) == nil {
			frames++
			<-time.After(time.Millisecond)
		}
		if want := 1024; frames < 1000 || frames > want {
			t.Errorf("%d frames in a second at one per millisecond", frames)
		}
	})
}

func TestQuantiles(t *testing.T) {
	l := newLatency()
	if q := l.quantiles(); q != (Quantiles{}) {
		t.Errorf("without samples: got %+v, want zero", q)
	}
	for ms := range 1000 {
		l.add(time.Duration(ms+1) * time.Millisecond)
	}
	q := l.quantiles()
	for name, v := range map[string][2]float64{"p50": {q.P50, 500}, "p90": {q.P90, 900}, "p99": {q.P99, 990}, "max": {q.Max, 1000}} {
		if math.Abs(v[0]-v[1]) > 2*accuracy*v[1] {
			t.Errorf("%s is %.1f ms, want %.1f", name, v[0], v[1])
		}
	}
	if q.Samples != 1000 {
		t.Errorf("%v samples, want 1000", q.Samples)
	}
}

// TestPipeline runs a short measurement: every packet is scored, none is dropped.
func TestPipeline(t *testing.T) {
	cfg, _, err := config.Load(config.Sources{})
	if err != nil {
		t.Fatal(err)
	}
	for _, encoding := range []string{"json", "packed"} {
		cfg.PacketsEncoding = encoding
		r, err := Pipeline(t.Context(), *cfg, Config{
			Rate: 2000, Duration: 2500 * time.Millisecond, Size: "imix", Flows: 50, Log: slog.New(slog.DiscardHandler),
		})
		if err != nil {
			t.Fatal(err)
		}
		if r.Packets != 5000 || r.Dropped != 0 || r.Encoding != encoding {
			t.Errorf("%s: %d packets, %d dropped, want 5000 and none", r.Encoding, r.Packets, r.Dropped)
		}
		if r.PerSecond <= 0 || r.Took <= 0 || r.String() == "" {
			t.Errorf("%s: implausible result: %+v", encoding, r)
		}
	}
}

func TestPipelineEndsWithItsContext(t *testing.T) {
	cfg, _, err := config.Load(config.Sources{})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	_, err = Pipeline(ctx, *cfg, Config{Rate: 100, Duration: time.Hour, Size: "imix", Flows: 5, Log: slog.New(slog.DiscardHandler)})
	if err == nil {
		t.Error("returned no error after its context ended")
	}
}
