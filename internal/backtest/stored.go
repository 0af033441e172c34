package backtest

import (
	"context"
	"errors"
	"log/slog"

	"github.com/netlyra/netlyra/internal/config"
	"github.com/netlyra/netlyra/internal/models"
	"github.com/netlyra/netlyra/internal/settings"
	"github.com/netlyra/netlyra/internal/store"
)

// StoredAlert returns one alert with its triage history and its connection from the
// database, also while a core uses it. It returns models.ErrNotFound for an unknown alert.
func StoredAlert(ctx context.Context, cfg *config.Config, id string, log *slog.Logger) (a models.AlertDetail, err error) {
	s, err := store.OpenReader(ctx, settings.Store(cfg), store.WithLogger(log))
	if err != nil {
		return a, err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	return s.Alert(ctx, id)
}
