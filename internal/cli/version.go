package cli

import (
	"encoding/json"
	"fmt"

	"github.com/netlyra/netlyra/internal/obs"
	"github.com/netlyra/netlyra/internal/store/dbfile"
)

// versionCmd prints the version and, as JSON, the build.
type versionCmd struct {
	Format string `help:"Output format." enum:"text,json" default:"text"`
	JSON   bool   `name:"json" help:"Same as --format json: commit, time, toolchain, SQLite, build tags and module versions."`
}

// buildInfo is the object that --json prints.
type buildInfo struct {
	obs.Build
	SQLite string `json:"sqlite"` // version of the linked SQLite library
}

// Run prints one line, or one JSON object.
func (c *versionCmd) Run(e *env) error {
	if c.JSON || c.Format == "json" {
		enc := json.NewEncoder(e.stdout)
		enc.SetIndent("", "  ")
		return enc.Encode(buildInfo{obs.BuildInfo(), dbfile.SQLiteVersion()})
	}
	_, err := fmt.Fprintln(e.stdout, "netlyra", obs.Version())
	return err
}
