package store

import (
	"context"
	"slices"

	"github.com/netlyra/netlyra/internal/models"
	"github.com/netlyra/netlyra/internal/store/query"
	"github.com/netlyra/netlyra/internal/store/row"
)

// connectionFields are the fields by which connections can be ordered.
var (
	connectionFields = query.Sortable{
		"ts": "ts", "last_ts": "last_ts", "duration": "duration", "state": "state", "phase": "phase_rank", "service": "service",
		"src_ip": "src_key", "dst_ip": "dst_key", "src_port": "src_port", "dst_port": "dst_port", "proto": "proto",
		"orig_packets": "orig_packets", "resp_packets": "resp_packets", "orig_bytes": "orig_bytes", "resp_bytes": "resp_bytes",
		"bytes": "orig_bytes + resp_bytes", "packets": "orig_packets + resp_packets",
	}
	connectionOrder = []models.SortKey{{Field: "last_ts", Desc: true}}
)

// Connections returns a page of connections: the latest last_ts first unless q has an
// order, and only open ones unless q has phases. A *models.QueryError names an invalid
// field of q.
func (s *Store) Connections(ctx context.Context, q models.ConnectionQuery) (models.Page[models.Connection], error) {
	var out models.Page[models.Connection]
	keys, err := connectionFields.Order(q.Sort, connectionOrder)
	if err != nil {
		return out, err
	}
	var w query.Where
	// Open connections are many, those of one host few. If the query names a host, a plus
	// sign keeps SQLite from using the index of open connections instead of the host's.
	open := "open"
	if query.Narrow(q.IP) {
		open = "+open"
	}
	switch {
	case len(q.Phases) == 0:
		w.Add(open + " = 1")
	case !slices.Contains(q.Phases, "any"):
		if !slices.ContainsFunc(q.Phases, row.IsOpen) {
			w.Add(open + " = 0")
		} else if !slices.ContainsFunc(q.Phases, func(p string) bool { return !row.IsOpen(p) }) {
			w.Add(open + " = 1")
		}
		query.In(&w, "phase", q.Phases)
	}
	w.Filter(q.Filter, "src_ip", "dst_ip", "service", "server_name", "community_id", "id")
	query.In(&w, "state", q.State)
	query.In(&w, "service", q.Service)
	p, err := query.Page(ctx, s.db, query.List{Table: "connections", Where: w, Keys: keys, Paging: q.Paging}, func(r *row.Connection) int64 { return r.Seq })
	if err != nil {
		return out, err
	}
	out = models.Page[models.Connection]{Items: make([]models.Connection, len(p.Items)), Total: p.Total, Page: p.Page, Limit: p.Limit, NextCursor: p.NextCursor}
	for i := range p.Items {
		out.Items[i] = p.Items[i].Connection
	}
	return out, nil
}

// Connection returns one connection, or models.ErrNotFound.
func (s *Store) Connection(ctx context.Context, id string) (models.Connection, error) {
	var c row.Connection
	err := s.db.Read.WithContext(ctx).Where("id = ?", id).Take(&c).Error
	return c.Connection, s.db.QueryError(ctx, notFound(err, "connection", id))
}
