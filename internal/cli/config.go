package cli

import (
	"encoding/json"
	"fmt"
	"text/tabwriter"

	"github.com/netlyra/netlyra/internal/config"
)

// configCmd prints the configuration.
type configCmd struct {
	config.Config `embed:""`
	Format        string `help:"Output format." enum:"text,json" default:"text"`
}

// Run prints each setting with its value and origin.
func (c *configCmd) Run(e *env) error {
	if c.Format == "json" {
		type row struct {
			Key    string        `json:"key"`
			Value  string        `json:"value"`
			Origin config.Origin `json:"origin"`
		}
		var rows []row
		for _, s := range e.origins.Settings {
			rows = append(rows, row{s.Name, s.Value, s.Origin})
		}
		enc := json.NewEncoder(e.stdout)
		enc.SetIndent("", "  ")
		return enc.Encode(rows)
	}
	w := tabwriter.NewWriter(e.stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "KEY\tVALUE\tORIGIN")
	for _, s := range e.origins.Settings {
		fmt.Fprintf(w, "%s\t%s\t%s\n", s.Name, s.Value, s.Origin)
	}
	return w.Flush()
}
