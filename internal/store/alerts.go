package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"gorm.io/gorm"

	"github.com/netlyra/netlyra/internal/models"
	"github.com/netlyra/netlyra/internal/models/vocabulary"
	"github.com/netlyra/netlyra/internal/store/query"
	"github.com/netlyra/netlyra/internal/store/row"
)

// alertFields are the fields by which alerts can be ordered.
var (
	alertFields = query.Sortable{
		"ts": "ts", "last_ts": "last_ts", "score": "score", "count": "count", "severity": "severity_rank", "kind": "kind",
		"state": "state", "src_ip": "src_key", "dst_ip": "dst_key", "src_port": "src_port", "dst_port": "dst_port", "proto": "proto",
	}
	alertOrder = []models.SortKey{{Field: "ts", Desc: true}}
)

// Alerts returns a page of alerts, newest first unless q has an order. A
// *models.QueryError names an invalid field of q.
func (s *Store) Alerts(ctx context.Context, q models.AlertQuery) (models.Page[models.AlertView], error) {
	var out models.Page[models.AlertView]
	keys, err := alertFields.Order(q.Sort, alertOrder)
	if err != nil {
		return out, err
	}
	var w query.Where
	w.Filter(q.Filter, "src_ip", "dst_ip", "kind", "summary", "technique", "id")
	if q.MinScore != nil {
		w.Add("score >= ?", *q.MinScore)
	}
	if len(q.Severity) > 0 { // by rank, which is part of the index of the time
		ranks := make([]int, len(q.Severity))
		for i, v := range q.Severity {
			ranks[i] = row.SeverityRank(v)
		}
		w.Add("severity_rank IN " + query.IntList(ranks))
	}
	query.In(&w, "state", q.State)
	query.In(&w, "kind", q.Kind)
	p, err := query.Page(ctx, s.db, query.List{Table: "alerts", Where: w, Keys: keys, Paging: q.Paging}, func(r *row.Alert) int64 { return r.Seq })
	if err != nil {
		return out, err
	}
	out = models.Page[models.AlertView]{Items: make([]models.AlertView, len(p.Items)), Total: p.Total, Page: p.Page, Limit: p.Limit, NextCursor: p.NextCursor}
	for i := range p.Items {
		out.Items[i] = p.Items[i].AlertView
	}
	return out, nil
}

// Alert returns one alert with its triage history and its connection, or
// models.ErrNotFound.
func (s *Store) Alert(ctx context.Context, id string) (d models.AlertDetail, err error) {
	err = s.db.Read.WithContext(ctx).Transaction(func(tx *gorm.DB) error {
		d, err = alertDetail(tx, id)
		return err
	}, &sql.TxOptions{ReadOnly: true})
	return d, s.db.QueryError(ctx, err)
}

func alertDetail(tx *gorm.DB, id string) (d models.AlertDetail, err error) {
	var a row.Alert
	if err := tx.Where("id = ?", id).Take(&a).Error; err != nil {
		return d, notFound(err, "alert", id)
	}
	d.AlertView, d.NextSteps = a.AlertView, vocabulary.NextSteps(a.Kind)
	var history []row.Triage
	if err := tx.Where("alert_seq = ?", a.Seq).Order("id").Find(&history).Error; err != nil {
		return d, err
	}
	d.Triage = make([]models.TriageEntry, len(history))
	for i, h := range history {
		d.Triage[i] = models.TriageEntry{At: h.At, From: h.From, State: h.State, Note: h.Note, Author: h.Author}
	}
	if a.Conn == "" {
		return d, nil
	}
	var conn row.Connection
	switch err := tx.Where("id = ?", a.Conn).Take(&conn).Error; {
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
