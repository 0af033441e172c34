package client

import (
	"context"
	"log/slog"
)

// kafkaLog returns the logger for franz-go. It logs a warning for each attempt to connect,
// which is reported once by health instead, so its levels are lowered.
func kafkaLog(l *slog.Logger) *slog.Logger { return slog.New(loweredHandler{l.Handler()}) }

// loweredHandler turns errors into warnings and all lower levels into debug.
type loweredHandler struct{ next slog.Handler }

func lower(l slog.Level) slog.Level {
	if l >= slog.LevelError {
		return slog.LevelWarn
	}
	return slog.LevelDebug
}

func (h loweredHandler) Enabled(ctx context.Context, l slog.Level) bool {
	return h.next.Enabled(ctx, lower(l))
}

func (h loweredHandler) Handle(ctx context.Context, r slog.Record) error {
	r.Level = lower(r.Level)
	r.Message = "kafka client: " + r.Message
	return h.next.Handle(ctx, r)
}

func (h loweredHandler) WithAttrs(a []slog.Attr) slog.Handler {
	return loweredHandler{h.next.WithAttrs(a)}
}
func (h loweredHandler) WithGroup(g string) slog.Handler { return loweredHandler{h.next.WithGroup(g)} }
