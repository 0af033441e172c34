package doctor

import (
	"context"

	"github.com/netlyra/netlyra/internal/bus/embedded"
	"github.com/netlyra/netlyra/internal/config"
	"github.com/netlyra/netlyra/internal/fsguard"
	"github.com/netlyra/netlyra/internal/obs"
	"github.com/netlyra/netlyra/internal/store/dbfile"
)

// permissions checks that only one user has access to stored data and to files with
// secrets. Output files of analyze, gen and eval are not checked: they follow the umask,
// because they are often made to be shared.
func (d *doctor) permissions(context.Context) []obs.Finding {
	const check = "permissions"
	paths := dbfile.Paths(d.cfg.DBPath)
	if len(d.cfg.KafkaBrokers) == 0 {
		paths = append(paths, embedded.Dirs(d.cfg.DataDir)...)
	}
	if d.cfg.KafkaTLSKey != "" {
		paths = append(paths, d.cfg.KafkaTLSKey)
	}
	names, err := config.SecretsIn(d.cfg.EnvFile)
	if err != nil {
		return []obs.Finding{obs.Warn(check, "check that this user may read the file", "%v", err)}
	}
	if len(names) > 0 {
		paths = append(paths, d.cfg.EnvFile)
	}
	var found []obs.Finding
	seen := map[string]bool{}
	for _, w := range fsguard.TooWide(paths...) {
		if seen[w.Path] { // DATA_DIR is often the directory of DB_PATH
			continue
		}
		seen[w.Path] = true
		found = append(found, obs.Warn(check, w.Advice(), "accessible to other users: %s", w))
	}
	if len(found) == 0 {
		return []obs.Finding{obs.Found(check, "the database, the log and files with secrets are private to this user")}
	}
	return found
}
