//go:build !unix

package embedded

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// lockDir opens the lock file; where there is no flock, the open file has to do.
func lockDir(dir string) (*os.File, error) {
	f, err := os.OpenFile(filepath.Join(dir, lockName), os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return nil, fmt.Errorf("embedded broker: data directory %s is in use: %w", dir, err)
	}
	return f, nil
}

func freeBytes(string) (uint64, error) { return 0, errors.ErrUnsupported }
