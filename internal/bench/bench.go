package bench

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/netlyra/netlyra/internal/app"
	"github.com/netlyra/netlyra/internal/capture"
	"github.com/netlyra/netlyra/internal/capture/pcapfile"
	"github.com/netlyra/netlyra/internal/capture/synth"
	"github.com/netlyra/netlyra/internal/config"
	"github.com/netlyra/netlyra/internal/models"
	"github.com/netlyra/netlyra/internal/obs"
	"github.com/netlyra/netlyra/internal/sensor"
	"github.com/netlyra/netlyra/internal/settings"
)

// Config is what Pipeline measures.
type Config struct {
	Rate     float64 // packets/s; 0: as fast as possible
	Duration time.Duration
	Pcap     string // capture to repeat; "": synthetic traffic
	Size     string // imix, or bytes of each synthetic frame
	Flows    int    // synthetic flows
	Log      *slog.Logger
}

// warmUp is how long a run lasts before latencies are recorded, which excludes
// connecting, first fetches and the first garbage collections.
const warmUp = time.Second

// Pipeline runs the whole pipeline with the settings of cfg for b.Duration. The log and
// the database are in a temporary directory. An error is that of the pipeline or of the
// WebSocket client.
func Pipeline(ctx context.Context, cfg config.Config, b Config) (r *Result, err error) {
	dir, err := os.MkdirTemp("", "netlyra-bench-")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	cfg.DataDir, cfg.DBPath = filepath.Join(dir, "log"), filepath.Join(dir, "bench.db")
	cfg.APIHost, cfg.APIPort, cfg.WSPort = "127.0.0.1", 0, 0
	src, err := source(b)
	if err != nil {
		return nil, err
	}
	m := &meter{ctx: ctx, begin: time.Now(), toEngine: newLatency(), toClient: newLatency()}
	in := sensor.Input{Source: &stamped{Source: src, rate: b.Rate, duration: b.Duration}}
	if b.Rate > 0 {
		in.Pace = sensor.Pace{Speed: 1}
	}
	sum, err := app.Up(ctx, &cfg, in, app.Options{
		Options: settings.Options{Log: b.Log}, ExitWhenDone: true, OnReady: m.ready, OnDrained: m.drained, Scores: m.scored,
	})
	m.clients.Wait()
	if err == nil {
		err = m.err
	}
	if err != nil {
		return nil, err
	}
	return m.result(&cfg, b, sum), nil
}

// source returns the traffic to measure with.
func source(b Config) (capture.Source, error) {
	if b.Pcap == "" {
		c := synth.DefaultConfig()
		c.Size, c.Flows = b.Size, b.Flows
		return synth.New(c)
	}
	return sensor.Repeat(func() (capture.Source, error) {
		return pcapfile.Open(b.Pcap, capture.Options{Log: b.Log})
	})
}

// meter measures one run.
type meter struct {
	ctx      context.Context
	cpu      *obs.CPUMeter
	begin    time.Time
	used     obs.CPUUse
	took     time.Duration
	toEngine *latency
	toClient *latency
	clients  sync.WaitGroup
	stop     func()
	err      error
}

// ready starts the measurement, before the first frame.
func (m *meter) ready(a app.Addresses) {
	m.stop, m.err = m.attach(a.WebSocket)
	m.begin, m.cpu = time.Now(), obs.NewCPUMeter()
}

// drained ends the measurement: everything has been scored and stored.
func (m *meter) drained() {
	m.took, m.used = time.Since(m.begin), m.cpu.Use()
	if m.stop != nil {
		m.stop()
	}
}

// scored receives each batch of scores as the engine publishes it.
func (m *meter) scored(b *models.ScoreBatch) { m.count(m.toEngine, b.Samples) }

// count adds the age of each sample to l.
func (m *meter) count(l *latency, samples []models.ScoreSample) {
	now := time.Now()
	if now.Sub(m.begin) < warmUp {
		return
	}
	for _, s := range samples {
		l.add(now.Sub(s.TS.Time()))
	}
}

// result computes the figures of the run.
func (m *meter) result(cfg *config.Config, b Config, sum *app.Summary) *Result {
	captured, scored := sum.Stage("capture"), sum.Stage("score")
	mem, _ := obs.ProcessMemory()
	r := &Result{
		Encoding: cfg.PacketsEncoding, Traffic: traffic(b), Rate: b.Rate, Took: m.took,
		Packets: captured.In, Bytes: captured.Bytes, Scored: scored.Out,
		PerSecond: float64(scored.In) / m.took.Seconds(), BitsSecond: 8 * float64(captured.Bytes) / m.took.Seconds(),
		CPUPerPacket: float64(m.used.Own) / float64(max(captured.In, 1)),
		ToEngine:     m.toEngine.quantiles(), ToClient: m.toClient.quantiles(),
		PeakRSS: mem.PeakRSS, Stages: sum.Stages,
	}
	for _, name := range []string{"capture", "decode", "publish", "consume"} {
		for _, n := range sum.Stage(name).Dropped {
			r.Dropped += n
		}
	}
	if m.used.Known {
		r.OtherCPU = m.used.Others / float64(cpus())
	}
	return r
}

func traffic(b Config) string {
	if b.Pcap != "" {
		return filepath.Base(b.Pcap)
	}
	return fmt.Sprintf("%s, %d flows", b.Size, b.Flows)
}
