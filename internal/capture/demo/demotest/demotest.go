// Package demotest provides short demo traffic for tests of other packages.
package demotest

import (
	"testing"
	"time"

	"github.com/netlyra/netlyra/internal/capture"
	"github.com/netlyra/netlyra/internal/capture/demo"
)

// Office returns demo traffic of the given duration with attacks, the first after four
// seconds.
func Office(t testing.TB, length time.Duration) capture.Source {
	t.Helper()
	c := demo.DefaultConfig()
	c.Duration, c.Quiet, c.Every = length, 4*time.Second, 3*time.Second
	src, err := demo.New(c)
	if err != nil {
		t.Fatal(err)
	}
	return src
}
