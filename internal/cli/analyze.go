package cli

import (
	"path/filepath"
	"strings"

	"github.com/netlyra/netlyra/internal/analyze"
	"github.com/netlyra/netlyra/internal/config"
	"github.com/netlyra/netlyra/internal/obs"
	"github.com/netlyra/netlyra/internal/settings"
)

// analyzeCmd looks into captures, without a broker.
type analyzeCmd struct {
	Files           []string `arg:"" help:"Capture files (pcap, pcapng, also gzip or zstd; - is standard input)." placeholder:"FILE"`
	Format          string   `help:"What to tell of connections: a table for a person (unless another output takes standard output), or each of them as JSON, CSV, or in Zeek's conn.log." enum:",table,ndjson,csv,zeek" default:"" placeholder:"table|ndjson|csv|zeek"`
	Output          string   `help:"Directory for connections (conn.log, connections.ndjson or connections.csv; with the table all three) and alerts (alerts.ndjson)." short:"o" placeholder:"DIR"`
	Alerts          string   `help:"Write alerts as JSON, one a line; - is standard output." placeholder:"FILE"`
	Scores          string   `help:"Write index,ts,score of each packet; - is standard output." placeholder:"FILE"`
	Partitions      int      `help:"Partitions that packets take their way through, as in the packets topic; alerts do not depend on it (default: PACKETS_PARTITIONS)." placeholder:"N"`
	Sort            bool     `help:"Read the files in the order of their first packets, not in the order given."`
	Filter          string   `help:"Look only at what this tcpdump expression matches." placeholder:"EXPR"`
	VerifyChecksums bool     `help:"Leave out packets with a wrong checksum; network cards make wrong ones in captures."`
	config.Conn     `embed:"" group:"Connections"`
	config.Detect   `embed:"" group:"Detection"`
	config.Process  `embed:"" group:"Process"`
}

// Run reads the files and writes what is in them.
func (c *analyzeCmd) Run(e *env) error {
	a := analyze.Config{
		Files: c.Files, Format: c.Format, Dir: c.Output, Alerts: c.Alerts, Scores: c.Scores,
		Partitions: c.Partitions, Sort: c.Sort, Stdout: e.stdout,
	}
	if a.Format == "" && a.Alerts != "-" && a.Scores != "-" {
		a.Format = analyze.FormatTable
	}
	if a.Partitions == 0 {
		a.Partitions = e.cfg.PacketsPartitions
	}
	if a.Partitions < 1 || a.Partitions > maxPartitions {
		return usagef("--partitions %d: want 1 to %d", a.Partitions, maxPartitions)
	}
	if err := clash(&a); err != nil {
		return err
	}
	cfg := *e.cfg
	cfg.CaptureFilter = c.Filter
	cfg.VerifyChecksums = cfg.VerifyChecksums || c.VerifyChecksums
	opts := settings.Options{Log: e.log}
	if !obs.IsTerminal(e.stdout) || !streams(&a) {
		view := newProgressView(e.stderr)
		opts.Progress = view
		defer view.Close()
	}
	return analyze.Run(e.ctx, &cfg, a, opts)
}

// maxPartitions is that of PACKETS_PARTITIONS.
const maxPartitions = 1024

// streams reports whether standard output is written to all the time: on a terminal,
// no progress bar has a place then.
func streams(a *analyze.Config) bool {
	return a.Scores == "-" || a.Dir == "" && a.Format != analyze.FormatTable && a.Format != ""
}

// clash finds outputs that go to the same place.
func clash(a *analyze.Config) error {
	var toStdout []string
	if a.Format == analyze.FormatTable || a.Format != "" && a.Dir == "" {
		toStdout = append(toStdout, "--format "+a.Format)
	}
	if a.Alerts == "-" {
		toStdout = append(toStdout, "--alerts -")
	}
	if a.Scores == "-" {
		toStdout = append(toStdout, "--scores -")
	}
	if len(toStdout) > 1 {
		return usagef("%s all go to standard output: name a file, or a directory with -o", strings.Join(toStdout, " and "))
	}
	if a.Alerts != "" && a.Alerts != "-" && filepath.Clean(a.Alerts) == filepath.Clean(a.Scores) {
		return usagef("--alerts and --scores both go to %s: name two files", a.Alerts)
	}
	return nil
}
