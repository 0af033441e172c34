package config

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"github.com/joho/godotenv"
)

// Sources is where settings come from besides the command line.
type Sources struct {
	// EnvFile is read where no --env-file is given; it may be missing. "" reads none.
	EnvFile string
	// LookupEnv finds a variable of the environment; nil has none.
	LookupEnv func(string) (string, bool)
}

// System is the file .env of the working directory and the process's environment.
func System() Sources { return Sources{EnvFile: ".env", LookupEnv: os.LookupEnv} }

// readEnvFile reads a file of settings; one that is not there is empty, unless it
// was asked for by name.
func readEnvFile(path string, named bool) (map[string]string, error) {
	if path == "" {
		return nil, nil
	}
	values, err := godotenv.Read(path)
	switch {
	case errors.Is(err, fs.ErrNotExist) && !named:
		return nil, nil
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("%s: there is no such file; copy .env.example to it, or leave --env-file out", path)
	case err != nil:
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return values, nil
}

// unknown says what is odd about a key of .env that no setting has: "" where it
// is unlike any of NetLyra's, for other programs may keep theirs in the same file.
func unknown(name string) string {
	best, distance := "", 4
	for i := range keys {
		if d := editDistance(name, keys[i].Name); d < distance {
			best, distance = keys[i].Name, d
		}
	}
	prefix, _, _ := strings.Cut(name, "_")
	switch {
	case best != "":
		return fmt.Sprintf("%s is not a setting; did you mean %s?", name, best)
	case prefix == "NETLYRA" || ownPrefix(prefix):
		return fmt.Sprintf("%s is not a setting; `netlyra config` lists all of them", name)
	}
	return ""
}

func ownPrefix(prefix string) bool {
	for i := range keys {
		if p, _, found := strings.Cut(keys[i].Name, "_"); found && p == prefix {
			return true
		}
	}
	return false
}

// editDistance is Levenshtein's: insertions, deletions and replacements of bytes.
func editDistance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
