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

// AlertStore reads and triages alerts. A *models.QueryError becomes 400, and
// models.ErrNotFound 404.
type AlertStore interface {
	Alerts(context.Context, models.AlertQuery) (models.Page[models.AlertView], error)
	Alert(ctx context.Context, id string) (models.AlertDetail, error)
	Triage(ctx context.Context, id string, t models.Triage) (models.AlertDetail, error)
}

// ConnectionStore reads connections. Errors are as for AlertStore.
type ConnectionStore interface {
	Connections(context.Context, models.ConnectionQuery) (models.Page[models.Connection], error)
	Connection(ctx context.Context, id string) (models.Connection, error)
}

// StatsSource returns the sums over all processes.
type StatsSource interface{ Stats() models.Stats }

// LedgerSource returns the equations over the counts of all processes.
type LedgerSource interface{ Ledger() models.Ledger }

// HealthSource has the health of this process.
type HealthSource interface{ Snapshot() obs.HealthSnapshot }

// Deps are the sources of a Server. All but Live, UI, Registerer and Log are required.
type Deps struct {
	Alerts      AlertStore
	Connections ConnectionStore
	Stats       StatsSource
	Ledger      LedgerSource
	Health      HealthSource
	Machines    any                 // list of state machines, as JSON
	Features    any                 // list of features, as JSON
	Live        http.Handler        // WebSocket at /ws; nil: none
	UI          fs.FS               // built dashboard, index.html at its root; nil: none
	Gatherer    prometheus.Gatherer // source of /metrics
	Registerer  prometheus.Registerer
	Log         *slog.Logger
}
