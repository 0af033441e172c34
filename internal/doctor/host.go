package doctor

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/netlyra/netlyra/internal/obs"
)

// leastSpace is the free space below which the embedded broker refuses records, in bytes.
const leastSpace = 128 << 20

// clock checks that the kernel's clock is synchronised. Detection does not depend on it,
// but the timestamps of live captures do.
func (d *doctor) clock(context.Context) []obs.Finding {
	synced, ok := clockSynced()
	switch {
	case !ok:
		return nil
	case !synced:
		return []obs.Finding{obs.Warn("clock", "run an NTP client (chrony, systemd-timesyncd), here or on the host of this container", "not synchronised")}
	}
	return []obs.Finding{obs.Found("clock", "synchronised")}
}

// databaseDisk checks that the disk of the database has room for what its limit allows.
func (d *doctor) databaseDisk(context.Context) []obs.Finding {
	return []obs.Finding{d.space("disk of DB_PATH", filepath.Dir(d.cfg.DBPath), int64(d.cfg.DBMaxBytes), fileSize(d.cfg.DBPath), "DB_MAX_BYTES")}
}

// dataDisk checks that the disk of the embedded broker has room for what the retention of
// packets allows.
func (d *doctor) dataDisk(context.Context) []obs.Finding {
	if len(d.cfg.KafkaBrokers) > 0 {
		return nil
	}
	used, _ := treeSize(filepath.Join(d.cfg.DataDir, "log"))
	return []obs.Finding{d.space("disk of DATA_DIR", d.cfg.DataDir, int64(d.cfg.PacketsRetentionBytes), used, "PACKETS_RETENTION_BYTES")}
}

// space compares free space with what may still be written up to the limit.
func (d *doctor) space(check, dir string, limit, used int64, setting string) obs.Finding {
	free, err := freeSpace(nearest(dir))
	if errors.Is(err, errors.ErrUnsupported) {
		return obs.Found(check, "free space is unknown on this system")
	}
	if err != nil {
		return obs.Warn(check, "check that the directory is accessible", "%s: %v", dir, err)
	}
	detail := fmt.Sprintf("%s: %d MiB free, %d MiB used", dir, free>>20, used>>20)
	switch left := limit - used; {
	case free < leastSpace:
		return obs.Fail(check, "free disk space, or use another disk", "%s", detail)
	case limit > 0 && int64(free) < left:
		return obs.Warn(check, fmt.Sprintf("free disk space, or lower %s", setting), "%s, but %s allows %d MiB more", detail, setting, left>>20)
	}
	return obs.Found(check, "%s", detail)
}

// nearest returns the directory or its first existing parent.
func nearest(dir string) string {
	for {
		if _, err := os.Stat(dir); err == nil {
			return dir
		}
		up := filepath.Dir(dir)
		if up == dir {
			return dir
		}
		dir = up
	}
}

func fileSize(path string) int64 {
	st, err := os.Stat(path)
	if err != nil {
		return 0
	}
	return st.Size()
}

// treeSize returns the size of the files in a directory; with an error, of the readable ones.
func treeSize(dir string) (n int64, err error) {
	err = filepath.WalkDir(dir, func(_ string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		if st, err := e.Info(); err == nil { // deleted meanwhile otherwise
			n += st.Size()
		}
		return nil
	})
	if err != nil {
		return n, fmt.Errorf("size of %s: %w", dir, err)
	}
	return n, nil
}

// writable creates and removes a file in the directory or its first existing parent.
func writable(dir string) error {
	dir = nearest(dir)
	if st, err := os.Stat(dir); err == nil && !st.IsDir() {
		return fmt.Errorf("%s is a file", dir)
	}
	f, err := os.CreateTemp(dir, ".netlyra-probe-*")
	if err != nil {
		return err
	}
	return errors.Join(f.Close(), os.Remove(f.Name()))
}
