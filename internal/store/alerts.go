package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"gorm.io/gorm"

	"github.com/netlyra/netlyra/internal/models"
)

// Alerts lists alerts, newest first where q names no order. A *models.QueryError says
// which field of q cannot be used.
func (s *Store) Alerts(ctx context.Context, q models.AlertQuery) (models.Page[models.AlertView], error) {
	var out models.Page[models.AlertView]
	keys, err := alertSort.order(q.Sort, alertOrder)
	if err != nil {
		return out, err
	}
	var w where
	w.filter(q.Filter, "src_ip", "dst_ip", "kind", "summary", "technique", "id")
	if q.MinScore != nil {
		w.add("score >= ?", *q.MinScore)
	}
	if len(q.Severity) > 0 { // by rank, which the index of the time carries
		ranks := make([]int, len(q.Severity))
		for i, v := range q.Severity {
			ranks[i] = severityRank(v)
		}
		w.add("severity_rank IN " + intList(ranks))
	}
	in(&w, "state", q.State)
	in(&w, "kind", q.Kind)
	p, err := page(ctx, s, list{table: "alerts", where: w, keys: keys, Paging: q.Paging}, func(r *alertRow) int64 { return r.Seq })
	if err != nil {
		return out, err
	}
	out = models.Page[models.AlertView]{Items: make([]models.AlertView, len(p.Items)), Total: p.Total, Page: p.Page, Limit: p.Limit, NextCursor: p.NextCursor}
	for i := range p.Items {
		out.Items[i] = p.Items[i].AlertView
	}
	return out, nil
}

// Alert is one alert with its triage history and its connection; models.ErrNotFound
// where there is none.
func (s *Store) Alert(ctx context.Context, id string) (d models.AlertDetail, err error) {
	err = s.read.WithContext(ctx).Transaction(func(tx *gorm.DB) error {
		d, err = alertDetail(tx, id)
		return err
	}, &sql.TxOptions{ReadOnly: true})
	return d, s.queryError(ctx, err)
}

func alertDetail(tx *gorm.DB, id string) (d models.AlertDetail, err error) {
	var row alertRow
	if err := tx.Where("id = ?", id).Take(&row).Error; err != nil {
		return d, notFound(err, "alert", id)
	}
	d.AlertView = row.AlertView
	var history []triageRow
	if err := tx.Where("alert_seq = ?", row.Seq).Order("id").Find(&history).Error; err != nil {
		return d, err
	}
	d.Triage = make([]models.TriageEntry, len(history))
	for i, h := range history {
		d.Triage[i] = models.TriageEntry{At: h.At, From: h.From, State: h.State, Note: h.Note, Author: h.Author}
	}
	if row.Conn == "" {
		return d, nil
	}
	var conn connectionRow
	switch err := tx.Where("id = ?", row.Conn).Take(&conn).Error; {
	case err == nil:
		d.Connection = &conn.Connection
	case !errors.Is(err, gorm.ErrRecordNotFound):
		return d, err
	}
	return d, nil
}

func notFound(err error, what, id string) error {
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return fmt.Errorf("%s %q: %w", what, id, models.ErrNotFound)
	}
	return err
}
