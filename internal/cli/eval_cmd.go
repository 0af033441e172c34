package cli

import (
	"encoding/json"
	"fmt"
	"io"

	"github.com/netlyra/netlyra/internal/app"
	"github.com/netlyra/netlyra/internal/config"
)

// evalCmd measures detection against labels.
type evalCmd struct {
	Packets evalPacketsCmd `cmd:"" help:"A labelled capture: what was detected, how soon, at how many false alerts."`
}

// evalPacketsCmd evaluates a capture.
type evalPacketsCmd struct {
	Capture        string `arg:"" help:"Capture file (pcap, pcapng, also gzip or zstd)." placeholder:"CAPTURE"`
	Labels         string `help:"Labels: lines of index,label or index;label, the index from 1, 1 for an attack; a third column may name it." required:"" placeholder:"FILE"`
	JSON           bool   `help:"Print JSON."`
	config.Detect  `embed:"" group:"Detection"`
	config.Conn    `embed:"" group:"Connections"`
	config.Process `embed:"" group:"Process"`
}

// Run evaluates and prints the result.
func (c *evalPacketsCmd) Run(e *env) error {
	r, err := app.EvalPackets(e.ctx, e.cfg, c.Capture, c.Labels, app.Options{Log: e.log})
	if err != nil {
		return err
	}
	return printResult(e.stdout, c.JSON, r)
}

// printResult writes v as JSON or as its text.
func printResult(w io.Writer, asJSON bool, v fmt.Stringer) error {
	if asJSON {
		enc := json.NewEncoder(w)
		enc.SetIndent("", "  ")
		return enc.Encode(v)
	}
	_, err := fmt.Fprint(w, v)
	return err
}
