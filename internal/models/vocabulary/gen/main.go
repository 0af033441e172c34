// Command gen writes what is generated from package vocabulary: docs/vocabulary.md and
// ui/src/lib/data/vocabulary.ts. Run it with go generate ./internal/models/vocabulary.
package main

import (
	"fmt"
	"os"
	"path/filepath"
)

func main() {
	if err := run("."); err != nil {
		fmt.Fprintln(os.Stderr, "gen:", err)
		os.Exit(1)
	}
}

// run generates both files; dir is the directory of the package.
func run(dir string) error {
	p, err := load(dir)
	if err != nil {
		return err
	}
	for name, text := range outputs(p) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// outputs returns the generated files, by path from the directory of the package.
func outputs(p *vocabulary) map[string]string {
	return map[string]string{
		filepath.Join("..", "..", "..", "docs", "vocabulary.md"):                     markdown(p),
		filepath.Join("..", "..", "..", "ui", "src", "lib", "data", "vocabulary.ts"): typescript(p),
	}
}
