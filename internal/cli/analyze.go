package cli

import (
	"path/filepath"
	"strings"

	"github.com/netlyra/netlyra/internal/analyze"
	"github.com/netlyra/netlyra/internal/config"
	"github.com/netlyra/netlyra/internal/obs"
	"github.com/netlyra/netlyra/internal/settings"
)

// analyzeCmd analyzes captures offline.
type analyzeCmd struct {
	Files           []string `arg:"" help:"Capture files (pcap, pcapng, also gzip or zstd; - is standard input)." placeholder:"FILE"`
	Format          string   `help:"Output of connections: a summary table (default, unless another output uses standard output), or every connection as NDJSON, CSV or Zeek's conn.log." enum:",table,ndjson,csv,zeek" default:"" placeholder:"table|ndjson|csv|zeek"`
	Output          string   `help:"Directory for connections (conn.log, connections.ndjson or connections.csv; all three with the table) and alerts (alerts.ndjson)." short:"o" placeholder:"DIR"`
	Alerts          string   `help:"Write alerts as NDJSON; - is standard output." placeholder:"FILE"`
	Scores          string   `help:"Write index,ts,score of each packet; - is standard output." placeholder:"FILE"`
	Partitions      int      `help:"Number of partitions to distribute packets over, as in the packets topic; alerts do not depend on it (default: PACKETS_PARTITIONS)." placeholder:"N"`
	Sort            bool     `help:"Read the files in the order of their first packets instead of the given order."`
	Filter          string   `help:"Analyze only packets that match this tcpdump expression." placeholder:"EXPR"`
	VerifyChecksums bool     `help:"Skip packets with a wrong checksum. Captures on a host often have wrong ones, because network cards compute them."`
	config.Conn     `embed:"" group:"Connections"`
	config.Detect   `embed:"" group:"Detection"`
	config.Process  `embed:"" group:"Process"`
}

// Run reads the files and writes the outputs.
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
		return usagef("--partitions %d: must be 1 to %d", a.Partitions, maxPartitions)
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

// maxPartitions is the maximum of PACKETS_PARTITIONS.
const maxPartitions = 1024

// streams reports whether standard output is written to continuously, which leaves no
// place for a progress bar on a terminal.
func streams(a *analyze.Config) bool {
	return a.Scores == "-" || a.Dir == "" && a.Format != analyze.FormatTable && a.Format != ""
}

// clash returns an error if two outputs have the same destination.
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
		return usagef("%s all write to standard output: name a file, or a directory with -o", strings.Join(toStdout, " and "))
	}
	if a.Alerts != "" && a.Alerts != "-" && filepath.Clean(a.Alerts) == filepath.Clean(a.Scores) {
		return usagef("--alerts and --scores both write to %s: name two files", a.Alerts)
	}
	return nil
}
