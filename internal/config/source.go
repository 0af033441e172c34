package config

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"github.com/joho/godotenv"
)

// Sources are the sources of settings other than the command line.
type Sources struct {
	// EnvFile is read if --env-file is not given. It is optional; "" reads no file.
	EnvFile string
	// LookupEnv returns a variable of the environment; nil is an empty environment.
	LookupEnv func(string) (string, bool)
}

// System returns the file .env of the working directory and the process's environment.
func System() Sources { return Sources{EnvFile: ".env", LookupEnv: os.LookupEnv} }

// readEnvFile reads a file of settings. It is an error if a named file does not exist.
func readEnvFile(path string, named bool) (map[string]string, error) {
	if path == "" {
		return nil, nil
	}
	values, err := godotenv.Read(path)
	switch {
	case errors.Is(err, fs.ErrNotExist) && !named:
		return nil, nil
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("%s: file does not exist; copy .env.example to it, or omit --env-file", path)
	case err != nil:
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return values, nil
}

// unknown returns a warning about a key of .env that is not a setting, or "" if it does not
// resemble one, because other programs may have their settings in the same file.
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

// editDistance returns the Levenshtein distance in bytes.
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
