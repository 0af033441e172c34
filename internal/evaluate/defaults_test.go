package evaluate

import (
	"testing"

	"github.com/netlyra/netlyra/internal/config"
)

// defaults returns the default configuration, independent of the environment.
func defaults(t *testing.T) *config.Config {
	t.Helper()
	cfg, _, err := config.Load(config.Sources{})
	if err != nil {
		t.Fatal(err)
	}
	return cfg
}
