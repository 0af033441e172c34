package doctor

import (
	"context"

	"github.com/netlyra/netlyra/internal/bus/embedded"
	"github.com/netlyra/netlyra/internal/config"
	"github.com/netlyra/netlyra/internal/fsguard"
	"github.com/netlyra/netlyra/internal/obs"
	"github.com/netlyra/netlyra/internal/store/dbfile"
)

// permissions of what NetLyra stores, and of files with secrets, are for one user alone.
// Files that a user names (analyze -o, gen, eval) are left out: they go by the umask, as the
// files of other programs do, because they are often made to be handed on.
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
		return []obs.Finding{obs.Warn(check, "see whether this user may read the file", "%v", err)}
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
		found = append(found, obs.Warn(check, w.Advice(), "other users can use it: %s", w))
	}
	if len(found) == 0 {
		return []obs.Finding{obs.Found(check, "no other user can use the database, the log or a file with secrets")}
	}
	return found
}
