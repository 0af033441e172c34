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

// lockDir locks the directory, and creates it if it does not exist, accessible only by this
// user. The operating system releases the lock when the process ends.
func lockDir(dir string, log *slog.Logger) (*fsguard.Lock, error) {
	// kfake creates world-readable files, so the directory must restrict access.
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

// Dirs returns the directories of the broker's log.
func Dirs(dir string) []string { return []string{dir, filepath.Join(dir, logName)} }

// Running returns the address of the broker that another process runs on the directory, "" if
// there is no such broker. It is an error if the directory cannot be read, or if the address
// is unknown because the broker is starting.
func Running(dir string) (addr string, err error) {
	held, err := fsguard.Holder(filepath.Join(dir, lockName))
	switch {
	case err != nil:
		return "", fmt.Errorf("embedded broker: data directory %s: %w", dir, err)
	case held == nil:
		return "", nil
	case held.Note == "": // it is starting, or has an older version
		return "", fmt.Errorf("embedded broker: data directory %s is in use by %s, whose address is unknown yet: retry in a few seconds, or set KAFKA_BROKERS to it", dir, held.Holder())
	}
	return held.Note, nil
}

// Kept reports whether the directory contains a log.
func Kept(dir string) bool {
	list, err := os.ReadDir(filepath.Join(dir, logName))
	return err == nil && len(list) > 0
}
