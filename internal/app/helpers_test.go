package app

import (
	"testing"
	"time"

	"github.com/netlyra/netlyra/internal/capture"
	"github.com/netlyra/netlyra/internal/capture/demo"
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

// office returns some seconds of the demo's office, with attacks.
func office(t *testing.T, length time.Duration) capture.Source {
	t.Helper()
	c := demo.DefaultConfig()
	c.Duration, c.Quiet, c.Every = length, 4*time.Second, 3*time.Second
	src, err := demo.New(c)
	if err != nil {
		t.Fatal(err)
	}
	return src
}
