// Package configtest provides configurations for tests of other packages.
package configtest

import (
	"testing"

	"github.com/netlyra/netlyra/internal/config"
)

// Defaults returns the default configuration, independent of the environment.
func Defaults(t testing.TB) *config.Config {
	t.Helper()
	cfg, _, err := config.Load(config.Sources{})
	if err != nil {
		t.Fatal(err)
	}
	return cfg
}
