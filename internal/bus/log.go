package bus

import (
	"context"
	"log/slog"
)

// demote is a handler that turns errors into warnings and all below into debug.
type demote struct{ next slog.Handler }

func demoteLevel(l slog.Level) slog.Level {
	if l >= slog.LevelError {
		return slog.LevelWarn
	}
	return slog.LevelDebug
}

func (d demote) Enabled(ctx context.Context, l slog.Level) bool {
	return d.next.Enabled(ctx, demoteLevel(l))
}

func (d demote) Handle(ctx context.Context, r slog.Record) error {
	r.Level = demoteLevel(r.Level)
	r.Message = "kafka: " + r.Message
	return d.next.Handle(ctx, r)
}

func (d demote) WithAttrs(a []slog.Attr) slog.Handler { return demote{d.next.WithAttrs(a)} }
func (d demote) WithGroup(g string) slog.Handler      { return demote{d.next.WithGroup(g)} }
