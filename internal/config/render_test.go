package config

import (
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/joho/godotenv"
)

var update = flag.Bool("update", false, "regenerate the generated files")

func TestGeneratedFiles(t *testing.T) {
	root := filepath.Join("..", "..")
	for name, want := range map[string]string{
		filepath.Join(root, ".env.example"):             EnvExample(),
		filepath.Join(root, "docs", "configuration.md"): Markdown(),
	} {
		if *update {
			if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(name, []byte(want), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		got, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, string(got)); diff != "" {
			t.Errorf("%s is not up to date; run `go tool task docs` (-want +got)\n%s", name, diff)
		}
	}
}

// A copy of .env.example must be equivalent to no .env.
func TestEnvExampleEqualsDefaults(t *testing.T) {
	values, err := godotenv.Unmarshal(EnvExample())
	if err != nil {
		t.Fatal(err)
	}
	if len(values) != len(keys) {
		t.Errorf("%d keys in .env.example, %d settings", len(values), len(keys))
	}
	want, _, err := Load(Sources{})
	if err != nil {
		t.Fatal(err)
	}
	got, o, err := Load(Sources{EnvFile: filepath.Join("..", "..", ".env.example")})
	if err != nil {
		t.Fatal(err)
	}
	got.EnvFile = ""
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if len(o.Warnings) > 0 {
		t.Error(o.Warnings)
	}
}
