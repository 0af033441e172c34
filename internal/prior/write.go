package prior

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// checkOutput returns an error if the file cannot replace what is there: a capture that is
// read, or anything else than a regular file. Its directory must exist.
func checkOutput(name string, inputs []string) error {
	if st, err := os.Stat(filepath.Dir(name)); err != nil || !st.IsDir() {
		return fmt.Errorf("write %s: the directory %s does not exist; create it first", name, filepath.Dir(name))
	}
	st, err := os.Stat(name)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if !st.Mode().IsRegular() {
		return fmt.Errorf("write %s: it is not a regular file; name another file", name)
	}
	for _, in := range inputs {
		if other, err := os.Stat(in); err == nil && os.SameFile(st, other) {
			return fmt.Errorf("write %s: it is one of the captures; name another file", name)
		}
	}
	return nil
}

// write replaces the file in one step: at any time it has the old content or the new one.
func write(name string, text []byte) (err error) {
	f, err := os.CreateTemp(filepath.Dir(name), ".netlyra-prior-*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(f.Name()))
		}
	}()
	_, err = f.Write(text)
	if err == nil {
		err = f.Chmod(0o644) // engines that run as another user read it
	}
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), name)
}
