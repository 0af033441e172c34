package pcapfile

import (
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
)

// suffixes are the names of captures in folders; a file that is named itself may have any.
var suffixes = []string{".pcap", ".pcapng", ".cap"}

// packed are suffixes of compressed captures, after those above.
var packed = []string{".gz", ".zst", ".bz2", ".lz4"}

// Find returns the captures among paths and in folders below them, sorted by path, each once.
// Standard input ("-") is a capture.
func Find(paths []string) (files []string, err error) {
	for _, p := range paths {
		if p == "-" {
			files = append(files, p)
			continue
		}
		err := filepath.WalkDir(p, func(name string, d fs.DirEntry, err error) error {
			if err == nil && !d.IsDir() && (name == p || isCapture(name)) {
				files = append(files, name)
			}
			return err
		})
		if err != nil {
			return nil, fmt.Errorf("captures in %s: %w", p, err)
		}
	}
	slices.Sort(files)
	return slices.Compact(files), nil
}

func isCapture(name string) bool {
	ext := filepath.Ext(name)
	if slices.Contains(packed, ext) {
		ext = filepath.Ext(strings.TrimSuffix(name, ext))
	}
	return slices.Contains(suffixes, ext)
}
