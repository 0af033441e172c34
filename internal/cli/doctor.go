package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/netlyra/netlyra/internal/config"
	"github.com/netlyra/netlyra/internal/doctor"
	"github.com/netlyra/netlyra/internal/models/vocabulary"
	"github.com/netlyra/netlyra/internal/obs"
)

// doctorCmd checks everything that NetLyra needs.
type doctorCmd struct {
	Format        string `help:"Output format: one line per check, or JSON." enum:"text,json" default:"text"`
	config.Config `embed:""`
}

// Run prints each check. A failed check is an error.
func (c *doctorCmd) Run(e *env) error {
	r := doctorReport{format: c.Format, out: e.stdout}
	doctor.Run(e.ctx, e.cfg, e.origins.Warnings, e.log, r.add)
	return r.end()
}

// misconfigured prints the report of an invalid configuration; nothing else can be
// checked then.
func (c *doctorCmd) misconfigured(out io.Writer, bad error) error {
	r := doctorReport{format: c.Format, out: out}
	r.add(obs.Fail("configuration", "correct these settings; docs/configuration.md lists all of them", "%v", bad).Coded(vocabulary.DoctorConfiguration))
	return r.end()
}

// doctorReport prints findings, as text immediately, as JSON at the end.
type doctorReport struct {
	format string
	out    io.Writer
	all    []obs.Finding
	err    error
}

func (r *doctorReport) add(f obs.Finding) {
	r.all = append(r.all, f)
	if r.format == "json" || r.err != nil {
		return
	}
	// The errors of several settings have a line each.
	detail := strings.ReplaceAll(strings.TrimSpace(f.Detail), "\n", "\n         ")
	_, r.err = fmt.Fprintf(r.out, "%-8s %s: %s\n", f.Status, f.Check, detail)
	if f.Advice != "" && r.err == nil {
		_, r.err = fmt.Fprintf(r.out, "         → %s\n", f.Advice)
	}
}

func (r *doctorReport) count(status string) (n int) {
	for _, f := range r.all {
		if f.Status == status {
			n++
		}
	}
	return n
}

// end prints the rest of the report. A failed check is an error.
func (r *doctorReport) end() error {
	failed, warnings := r.count(obs.StatusFailed), r.count(obs.StatusWarning)
	if r.err != nil {
		return r.err
	}
	if r.format == "json" {
		enc := json.NewEncoder(r.out)
		enc.SetIndent("", "  ")
		worst := obs.StatusOK
		if failed > 0 {
			worst = obs.StatusFailed
		} else if warnings > 0 {
			worst = obs.StatusWarning
		}
		r.err = enc.Encode(map[string]any{"status": worst, "checks": r.all})
	} else {
		_, r.err = fmt.Fprintf(r.out, "\n%d checks: %d ok, %d warnings, %d failed\n", len(r.all), len(r.all)-failed-warnings, warnings, failed)
	}
	if r.err == nil && failed > 0 {
		return fmt.Errorf("%d of %d checks failed", failed, len(r.all))
	}
	return r.err
}
