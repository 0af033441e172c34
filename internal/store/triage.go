package store

import (
	"context"
	"slices"
	"unicode/utf8"

	"gorm.io/gorm"

	"github.com/netlyra/netlyra/internal/models"
)

// Limits of the texts of a triage, in characters.
const (
	MaxNote   = 4000
	MaxAuthor = 100
)

// Triage changes the state or the note of an alert and returns the changed alert. It adds
// an entry to the history unless state and note stay the same. Errors are
// models.ErrNotFound, or a *models.QueryError that names the invalid field.
func (s *Store) Triage(ctx context.Context, id string, t models.Triage) (d models.AlertDetail, err error) {
	if err := validTriage(t); err != nil {
		return d, err
	}
	err = s.db.Write.WithContext(ctx).Transaction(func(tx *gorm.DB) error {
		if d, err = alertDetail(tx, id); err != nil {
			return err
		}
		from, state, note := d.State, d.State, d.Note
		if t.State != nil {
			state = *t.State
		}
		if t.Note != nil {
			note = *t.Note
		}
		if state == from && note == d.Note {
			return nil
		}
		now := s.stamp()
		var seq int64
		if err := tx.Raw("UPDATE alerts SET state = ?, note = ?, updated_at = ? WHERE id = ? RETURNING seq", string(state), note, now, id).Scan(&seq).Error; err != nil {
			return err
		}
		if err := tx.Exec("INSERT INTO alert_triage (alert_seq, at, from_state, state, note, author) VALUES (?, ?, ?, ?, ?, ?)",
			seq, now, string(from), string(state), note, t.Author).Error; err != nil {
			return err
		}
		d.State, d.Note = state, note
		d.Triage = append(d.Triage, models.TriageEntry{At: now, From: from, State: state, Note: note, Author: t.Author})
		return nil
	})
	return d, s.db.QueryError(ctx, err)
}

func validTriage(t models.Triage) error {
	switch {
	case t.State == nil && t.Note == nil:
		return &models.QueryError{Field: "state", Reason: "or note is required"}
	case t.State != nil && !slices.Contains(models.TriageStates(), *t.State):
		return &models.QueryError{Field: "state", Reason: "must be new, ack, muted or false_positive"}
	case t.Note != nil && utf8.RuneCountInString(*t.Note) > MaxNote:
		return &models.QueryError{Field: "note", Reason: "must have at most 4000 characters"}
	case utf8.RuneCountInString(t.Author) > MaxAuthor:
		return &models.QueryError{Field: "author", Reason: "must have at most 100 characters"}
	}
	return nil
}
