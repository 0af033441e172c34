//go:build unix

package doctor

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/netlyra/netlyra/internal/settings"
	"github.com/netlyra/netlyra/internal/store"
)

func TestDoctorChecksPermissions(t *testing.T) {
	cfg := doctorConfig(t)
	cfg.EnvFile, cfg.KafkaTLSKey = filepath.Join(t.TempDir(), "env"), filepath.Join(t.TempDir(), "key")
	write := func(path, text string, mode os.FileMode) {
		t.Helper()
		if err := errors.Join(os.WriteFile(path, []byte(text), 0o600), os.Chmod(path, mode)); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Chmod(cfg.DataDir, 0o700); err != nil {
		t.Fatal(err)
	}
	write(cfg.EnvFile, "API_PORT=0\n", 0o644) // no secret in it
	write(cfg.KafkaTLSKey, "k", 0o600)
	s, err := store.Open(t.Context(), settings.Store(cfg), store.WithLogger(slog.New(slog.DiscardHandler)))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	got := diagnosis(t, cfg)
	for _, want := range []string{"ok | permissions | ", fmt.Sprintf("ok | database | %s is writable; process %d has it open", cfg.DBPath, os.Getpid())} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is missing in\n%s", want, got)
		}
	}
	write(cfg.EnvFile, "KAFKA_SASL_PASSWORD=x\n", 0o640)
	if err := errors.Join(os.Chmod(cfg.KafkaTLSKey, 0o604), os.Chmod(cfg.DataDir, 0o755), os.Chmod(cfg.DBPath, 0o644), os.Chmod(cfg.DBPath+"-wal", 0o660)); err != nil {
		t.Fatal(err)
	}
	got = diagnosis(t, cfg)
	for path, want := range map[string]string{cfg.EnvFile: "0640", cfg.KafkaTLSKey: "0604", cfg.DataDir: "0755", cfg.DBPath: "0644", cfg.DBPath + "-wal": "0660"} {
		if line := fmt.Sprintf("warning | permissions | accessible to other users: %s has mode %s", path, want); strings.Count(got, line+",") != 1 {
			t.Errorf("%q is not exactly once in\n%s", line, got)
		}
	}
	if strings.Contains(got, "KAFKA_SASL_PASSWORD=x") {
		t.Error("the secret is printed")
	}
}
