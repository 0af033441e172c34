package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"runtime/pprof"
	"strconv"
	"time"

	"github.com/netlyra/netlyra/internal/bench"
	"github.com/netlyra/netlyra/internal/config"
)

// benchCmd has the benchmarks.
type benchCmd struct {
	Pipeline benchPipelineCmd `cmd:"" help:"Measure the whole pipeline, from frame to WebSocket, in one process."`
}

// benchPipelineCmd measures the pipeline.
type benchPipelineCmd struct {
	Encoding       string        `help:"Encoding of packets: json (one record per packet) or packed." enum:"json,packed" default:"json"`
	Rate           string        `help:"Packets per second, or max." default:"max" placeholder:"PPS"`
	Duration       time.Duration `help:"Duration of the traffic." default:"10s"`
	Pcap           string        `help:"Capture to repeat, instead of synthetic traffic." placeholder:"FILE"`
	Size           string        `help:"Size of synthetic frames: imix (362 bytes on average), or a number of bytes." default:"imix"`
	Flows          int           `help:"Number of synthetic flows." default:"1000"`
	JSON           bool          `help:"Print JSON."`
	CPUProfile     string        `name:"cpu-profile" help:"Write a CPU profile of the run, for go tool pprof." placeholder:"FILE"`
	config.Kafka   `embed:"" group:"Kafka"`
	config.Conn    `embed:"" group:"Connections"`
	config.Detect  `embed:"" group:"Detection"`
	config.Process `embed:"" group:"Process"`
}

// Run measures once and prints the result.
func (c *benchPipelineCmd) Run(e *env) error {
	rate := 0.0
	if c.Rate != "max" {
		var err error
		if rate, err = strconv.ParseFloat(c.Rate, 64); err != nil || rate <= 0 {
			return usagef("--rate %s: must be max or packets per second above 0", c.Rate)
		}
	}
	if c.Duration <= 0 {
		return usagef("--duration %v: must be above 0, for example 10s", c.Duration)
	}
	cfg := *e.cfg
	cfg.PacketsEncoding = c.Encoding
	if c.CPUProfile != "" {
		stop, err := profile(c.CPUProfile)
		if err != nil {
			return err
		}
		defer stop()
	}
	log := slog.New(slog.NewTextHandler(e.stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	r, err := bench.Pipeline(e.ctx, cfg, bench.Config{
		Rate: rate, Duration: c.Duration, Pcap: c.Pcap, Size: c.Size, Flows: c.Flows, Log: log,
	})
	if err != nil {
		return err
	}
	return c.print(e.stdout, r)
}

func (c *benchPipelineCmd) print(w io.Writer, r *bench.Result) error {
	if c.JSON {
		enc := json.NewEncoder(w)
		enc.SetIndent("", "  ")
		return enc.Encode(r)
	}
	_, err := fmt.Fprint(w, r)
	return err
}

// profile writes a CPU profile until stop is called.
func profile(path string) (stop func(), err error) {
	f, err := os.Create(path)
	if err != nil {
		return nil, err
	}
	if err := pprof.StartCPUProfile(f); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return func() { pprof.StopCPUProfile(); _ = f.Close() }, nil
}
