package engine

import (
	"testing"

	"go.uber.org/goleak"
)

// TestMain fails if a test leaves a goroutine behind: workers write checkpoints in their own.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }
