package store

import (
	"context"
	"slices"

	"github.com/netlyra/netlyra/internal/models"
)

// Connections lists connections, those that saw a packet last first where q names no
// order, and only those that live where q names no phase.
func (s *Store) Connections(ctx context.Context, q models.ConnectionQuery) (models.Page[models.Connection], error) {
	var out models.Page[models.Connection]
	keys, err := connectionSort.order(q.Sort, connectionOrder)
	if err != nil {
		return out, err
	}
	var w where
	// The living are many, the connections of a host few: where one is asked for, its
	// index leads. A plus sign keeps SQLite from using that of the other.
	open := "open"
	if narrow(q.IP) {
		open = "+open"
	}
	switch {
	case len(q.Phases) == 0:
		w.add(open + " = 1")
	case !slices.Contains(q.Phases, "any"):
		if !slices.ContainsFunc(q.Phases, isOpen) {
			w.add(open + " = 0")
		} else if !slices.ContainsFunc(q.Phases, func(p string) bool { return !isOpen(p) }) {
			w.add(open + " = 1")
		}
		in(&w, "phase", q.Phases)
	}
	w.filter(q.Filter, "src_ip", "dst_ip", "service", "server_name", "community_id", "id")
	in(&w, "state", q.State)
	in(&w, "service", q.Service)
	p, err := page(ctx, s, list{table: "connections", where: w, keys: keys, Paging: q.Paging}, func(r *connectionRow) int64 { return r.Seq })
	if err != nil {
		return out, err
	}
	out = models.Page[models.Connection]{Items: make([]models.Connection, len(p.Items)), Total: p.Total, Page: p.Page, Limit: p.Limit, NextCursor: p.NextCursor}
	for i := range p.Items {
		out.Items[i] = p.Items[i].Connection
	}
	return out, nil
}

// Connection is one connection; models.ErrNotFound where there is none.
func (s *Store) Connection(ctx context.Context, id string) (models.Connection, error) {
	var row connectionRow
	err := s.read.WithContext(ctx).Where("id = ?", id).Take(&row).Error
	return row.Connection, s.queryError(ctx, notFound(err, "connection", id))
}
