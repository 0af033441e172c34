package config

import (
	"fmt"
	"strings"
)

// EnvExample is the text of .env.example: every key with its default and a line
// of explanation.
func EnvExample() string {
	var b strings.Builder
	b.WriteString("# NetLyra's settings. Copy to .env and change what you need; an environment variable or a flag\n" +
		"# of the same name is stronger. Written by `go tool task docs` from internal/config/config.go.\n")
	group := ""
	for _, k := range keys {
		if k.Group != group {
			group = k.Group
			fmt.Fprintf(&b, "\n# --- %s\n", group)
		}
		fmt.Fprintf(&b, "# %s (%s)\n%s=%s\n", k.Help, k.Allowed(), k.Name, k.Default)
	}
	return b.String()
}

// Markdown is the text of docs/configuration.md.
func Markdown() string {
	var b strings.Builder
	b.WriteString(intro)
	group := ""
	for _, k := range keys {
		if k.Group != group {
			group = k.Group
			fmt.Fprintf(&b, "\n## %s\n\n| key | flag | default | allowed | meaning |\n|---|---|---|---|---|\n", group)
		}
		value := "empty"
		if k.Default != "" {
			value = "`" + k.Default + "`"
		}
		fmt.Fprintf(&b, "| `%s` | `--%s` | %s | %s | %s |\n", k.Name, k.Flag, value, cell(k.Allowed()), cell(k.Help))
	}
	return b.String()
}

const intro = `# Configuration

<!-- Written by "go tool task docs" from internal/config/config.go. Do not edit. -->

Each setting has one name, used in ` + "`.env`" + ` and in the environment, and one flag. The strongest source counts:
default, then ` + "`.env`" + ` (or the file of ` + "`--env-file`" + `), then the environment, then the flag. ` + "`netlyra config`" + ` prints
every setting with its value and where that came from; passwords are masked. ` + "`.env.example`" + ` lists all keys.

- Durations: ` + "`250ms`, `90s`, `1h30m`, `7d`, `2w`" + `. Sizes: ` + "`64MiB`, `2GB`, `4096`" + ` (bytes).
- An empty value sets a text or a list to nothing; for every other kind it counts as not set.
- Everything is checked at start, and all problems are listed at once; NetLyra then ends with exit code 2.
- A key of ` + "`.env`" + ` that looks like one of these and is none is warned about.
- A command takes the flags that mean something to it; the others are still read from ` + "`.env`" + ` and the environment.
`

func cell(s string) string { return strings.ReplaceAll(s, "|", "\\|") }
