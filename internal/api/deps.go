package api

import (
	"context"
	"io/fs"
	"log/slog"
	"net/http"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/netlyra/netlyra/internal/models"
	"github.com/netlyra/netlyra/internal/obs"
)

// AlertStore has the alerts. A *models.QueryError becomes 400, models.ErrNotFound 404.
type AlertStore interface {
	Alerts(context.Context, models.AlertQuery) (models.Page[models.AlertView], error)
	Alert(ctx context.Context, id string) (models.AlertDetail, error)
	Triage(ctx context.Context, id string, t models.Triage) (models.AlertDetail, error)
}

// ConnectionStore has the connections.
type ConnectionStore interface {
	Connections(context.Context, models.ConnectionQuery) (models.Page[models.Connection], error)
	Connection(ctx context.Context, id string) (models.Connection, error)
}

// StatsSource adds up what all processes say.
type StatsSource interface{ Stats() models.Stats }

// LedgerSource has the equations over what all processes counted.
type LedgerSource interface{ Ledger() models.Ledger }

// HealthSource has the health of this process.
type HealthSource interface{ Snapshot() obs.HealthSnapshot }

// Deps is what a Server tells about. All but Live, UI, Registerer and Log are needed.
type Deps struct {
	Alerts      AlertStore
	Connections ConnectionStore
	Stats       StatsSource
	Ledger      LedgerSource
	Health      HealthSource
	Machines    any                 // list of state machines; encoded as it is
	Live        http.Handler        // the WebSocket at /ws; nil where there is none
	UI          fs.FS               // the built dashboard, index.html at its root; nil where there is none
	Gatherer    prometheus.Gatherer // of /metrics
	Registerer  prometheus.Registerer
	Log         *slog.Logger
}
