package obs

import (
	"fmt"
	"io"
	"log/slog"
	"os"

	"golang.org/x/term"
)

// NewLogger returns a logger that writes lines of at least that level (debug, info, warn,
// error) to w, in the format text, json, or auto (text on a terminal, else JSON).
func NewLogger(format, level string, w io.Writer) (*slog.Logger, error) {
	var least slog.Level
	if err := least.UnmarshalText([]byte(level)); err != nil {
		return nil, fmt.Errorf("log level %q: must be debug, info, warn or error", level)
	}
	opts := &slog.HandlerOptions{Level: least}
	switch {
	case format == "json", format == "auto" && !IsTerminal(w):
		return slog.New(slog.NewJSONHandler(w, opts)), nil
	case format == "text", format == "auto":
		return slog.New(slog.NewTextHandler(w, opts)), nil
	}
	return nil, fmt.Errorf("log format %q: must be auto, text or json", format)
}

// IsTerminal reports whether w is a terminal.
func IsTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}
