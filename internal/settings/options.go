package settings

import "log/slog"

// Options are what a command needs besides its configuration.
type Options struct {
	Log      *slog.Logger
	Progress ProgressView // shows how much of the input was read; nil: not shown
}
