package analyze

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/netlyra/netlyra/internal/analyze/report"
)

// Names of the files in Config.Dir.
const (
	zeekFile   = "conn.log"
	ndjsonFile = "connections.ndjson"
	csvFile    = "connections.csv"
	alertsFile = "alerts.ndjson"
)

// outputs are the destinations of an analysis.
type outputs struct {
	stdout      io.Writer
	connections []connectionOutput
	scores      *report.Scores // nil: not written
	alerts      io.Writer      // nil: not written
	inputs      []os.FileInfo
	files       []*os.File
}

// openOutputs creates the files. It never overwrites an input.
func openOutputs(a *Config, r *reader) (o *outputs, err error) {
	o = &outputs{stdout: a.Stdout}
	for _, name := range a.Files {
		if st, err := os.Stat(name); err == nil {
			o.inputs = append(o.inputs, st)
		}
	}
	if a.Dir != "" {
		err = os.MkdirAll(a.Dir, 0o777)
	}
	if err == nil {
		err = o.open(a, r)
	}
	if err != nil {
		return nil, errors.Join(err, o.closeFiles())
	}
	return o, nil
}

func (o *outputs) open(a *Config, r *reader) error {
	if err := o.openConnections(a, r); err != nil {
		return err
	}
	alerts := a.Alerts
	if alerts == "" && a.Dir != "" {
		alerts = filepath.Join(a.Dir, alertsFile)
	}
	if alerts != "" {
		w, err := o.create(alerts)
		if err != nil {
			return err
		}
		o.alerts = w
	}
	if a.Scores != "" {
		w, err := o.create(a.Scores)
		if err != nil {
			return err
		}
		o.scores = report.NewScores(w)
	}
	return nil
}

// openConnections opens the outputs of connections. With a directory and the table, which
// is not machine-readable, that is a file of each format.
func (o *outputs) openConnections(a *Config, r *reader) error {
	for _, f := range []struct {
		format, file string
		open         func(io.Writer) connectionOutput
	}{
		{FormatZeek, zeekFile, func(w io.Writer) connectionOutput { return &zeekOutput{w: w, reader: r} }},
		{FormatNDJSON, ndjsonFile, func(w io.Writer) connectionOutput { return report.NewNDJSON(w) }},
		{FormatCSV, csvFile, func(w io.Writer) connectionOutput { return report.NewCSV(w) }},
	} {
		name := "-"
		switch {
		case a.Dir != "" && (a.Format == f.format || a.Format == FormatTable):
			name = filepath.Join(a.Dir, f.file)
		case a.Format != f.format:
			continue
		}
		w, err := o.create(name)
		if err != nil {
			return err
		}
		o.connections = append(o.connections, f.open(w))
	}
	return nil
}

// create creates a file; "-" is standard output.
func (o *outputs) create(name string) (io.Writer, error) {
	if name == "-" {
		return o.stdout, nil
	}
	if st, err := os.Stat(name); err == nil {
		for _, in := range o.inputs {
			if os.SameFile(st, in) {
				return nil, fmt.Errorf("%s is one of the captures: choose another output file", name)
			}
		}
	}
	f, err := os.Create(name)
	if err != nil {
		return nil, err
	}
	o.files = append(o.files, f)
	return f, nil
}

// close flushes the outputs and closes the files.
func (o *outputs) close() error {
	var errs []error
	for _, c := range o.connections {
		errs = append(errs, c.Close())
	}
	if o.scores != nil {
		errs = append(errs, o.scores.Close())
	}
	return errors.Join(append(errs, o.closeFiles())...)
}

func (o *outputs) closeFiles() error {
	var errs []error
	for _, f := range o.files {
		errs = append(errs, f.Close())
	}
	return errors.Join(errs...)
}
