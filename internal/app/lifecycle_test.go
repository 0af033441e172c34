package app

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// journal records the order of events of several goroutines.
type journal struct {
	mu    sync.Mutex
	lines []string
}

func (j *journal) add(s string) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.lines = append(j.lines, s)
}

// until returns a stage that records its end.
func (j *journal) until(name string) stage {
	return stage{name: name, run: func(ctx context.Context) error {
		<-ctx.Done()
		j.add(name)
		return ctx.Err()
	}}
}

func TestPipelineStopsInTheOrderOfTheData(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var j journal
		ctx, cancel := context.WithCancel(t.Context())
		p := pipeline{stages: []stage{j.until("source"), j.until("engine"), j.until("recorder"), j.until("http")}}
		go func() { synctest.Wait(); cancel() }()
		if err := p.run(ctx); err != nil {
			t.Fatalf("after an interrupt: got %v, want no error", err)
		}
		if want := []string{"source", "engine", "recorder", "http"}; !slices.Equal(j.lines, want) {
			t.Errorf("stopped %v, want %v", j.lines, want)
		}
	})
}

func TestPipelineFailureStopsTheRestAndNamesTheStage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var j journal
		boom := errors.New("boom")
		p := pipeline{stages: []stage{j.until("source"), {name: "engine", run: func(context.Context) error { return boom }}, j.until("http")}}
		err := p.run(t.Context())
		if !errors.Is(err, boom) || !strings.Contains(err.Error(), "engine") {
			t.Fatalf("got %v, want boom with the name of its stage", err)
		}
		if want := []string{"source", "http"}; !slices.Equal(j.lines, want) {
			t.Errorf("stopped %v, want %v", j.lines, want)
		}
	})
}

func TestPipelineDrainsAtTheEndOfTheInput(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var j journal
		p := pipeline{
			stages: []stage{
				{name: "source", finite: true, run: func(context.Context) error { j.add("eof"); return nil }},
				j.until("engine"),
			},
			drained: func(context.Context) error { j.add("drained"); return nil },
		}
		if err := p.run(t.Context()); err != nil {
			t.Fatal(err)
		}
		if want := []string{"eof", "drained", "engine"}; !slices.Equal(j.lines, want) {
			t.Errorf("got %v, want %v", j.lines, want)
		}
	})
}

func TestPipelineBoundsTheWaitForAStage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var j journal
		ctx, cancel := context.WithCancel(t.Context())
		release := make(chan struct{})
		p := pipeline{stages: []stage{
			{name: "stuck", grace: time.Second, run: func(context.Context) error { <-release; return nil }},
			j.until("http"),
		}}
		cancel()
		err := p.run(ctx)
		close(release)
		if !errors.Is(err, errGrace) || !strings.Contains(err.Error(), "stuck") {
			t.Fatalf("got %v, want the stuck stage named", err)
		}
		if !slices.Equal(j.lines, []string{"http"}) {
			t.Errorf("the other stages were not stopped: %v", j.lines)
		}
	})
}

func TestPipelineFailsWhenAStageStopsUnexpectedly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := pipeline{stages: []stage{{name: "recorder", run: func(context.Context) error { return nil }}}}
		if err := p.run(t.Context()); err == nil || !strings.Contains(err.Error(), "recorder") {
			t.Fatalf("got %v, want a failure that names the recorder", err)
		}
	})
}

func TestPipelineDrainsAStageBeforeItStopsIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var j journal
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		recorder := j.until("recorder")
		recorder.drain = func(context.Context) error { j.add("caught up"); return nil }
		p := pipeline{stages: []stage{j.until("engine"), recorder}}
		if err := p.run(ctx); err != nil {
			t.Fatal(err)
		}
		if want := []string{"engine", "caught up", "recorder"}; !slices.Equal(j.lines, want) {
			t.Errorf("got %v, want %v", j.lines, want)
		}
	})
}
