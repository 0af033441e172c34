package embedded

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"

	"github.com/netlyra/netlyra/internal/fsguard"
	"github.com/netlyra/netlyra/internal/models/vocabulary"
)

// Names in the directory.
const (
	lockName = "netlyra.lock"
	logName  = "log"
)

// takeDir makes the directory where it is absent, for this user alone, and takes it for
// this process. The lock goes with the process, however it ends.
func takeDir(dir string, log *slog.Logger) (*fsguard.Lock, error) {
	// The broker makes its files for everybody to read; the directory keeps others out.
	if err := fsguard.MkdirAll(filepath.Join(dir, logName)); err != nil {
		return nil, fmt.Errorf("embedded broker: data directory: %w", err)
	}
	lock, err := fsguard.Take(filepath.Join(dir, lockName))
	var held *fsguard.HeldError
	if errors.As(err, &held) {
		addr := held.Note
		if addr != "" {
			addr = "=" + addr
		}
		return nil, fmt.Errorf("embedded broker: data directory %s is in use by %s: stop it, connect to it with KAFKA_BROKERS%s, or set DATA_DIR to another directory", dir, held.Holder(), addr)
	}
	if err != nil {
		return nil, fmt.Errorf("embedded broker: %w", err)
	}
	if !lock.Enforced() {
		log.Warn("file system has no locks; make sure that only one process uses the directory", vocabulary.EventBrokerNotLocked.Attr(), "dir", dir)
	}
	fsguard.Warn(log, Dirs(dir)...)
	return lock, nil
}

// Dirs are the directories that the broker keeps its log in.
func Dirs(dir string) []string { return []string{dir, filepath.Join(dir, logName)} }

// Running is the address of the broker that another process runs on the directory, ""
// where none does. An error says that the directory cannot be looked into, or that a
// broker is about to start.
func Running(dir string) (addr string, err error) {
	held, err := fsguard.Holder(filepath.Join(dir, lockName))
	switch {
	case err != nil:
		return "", fmt.Errorf("embedded broker: data directory %s: %w", dir, err)
	case held == nil:
		return "", nil
	case held.Note == "": // it is about to start, or is of an older version
		return "", fmt.Errorf("embedded broker: data directory %s is in use by %s, which does not say where it listens: try again in a moment, or set KAFKA_BROKERS to its address", dir, held.Holder())
	}
	return held.Note, nil
}

// Kept tells whether there is a log in the directory.
func Kept(dir string) bool {
	list, err := os.ReadDir(filepath.Join(dir, logName))
	return err == nil && len(list) > 0
}
