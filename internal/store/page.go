package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"gorm.io/gorm"

	"github.com/netlyra/netlyra/internal/models"
)

// Bounds of a page.
const (
	DefaultLimit = 50
	MaxLimit     = 500
	// maxOffset bounds what paging by number reads over; further on a cursor is needed.
	maxOffset = 1_000_000
)

// list is a query over one table.
type list struct {
	table string
	where where
	keys  []orderKey
	models.Paging
}

// page reads the part that paging asks for: first the numbers of its rows, in order,
// from narrow columns that an index has wherever that is possible, then the rows. All
// of it is one snapshot, so that total and items agree.
func page[R any](ctx context.Context, s *Store, l list, seq func(*R) int64) (p models.Page[R], err error) {
	p.Limit, p.Page = cmpOr(l.Limit, DefaultLimit), cmpOr(l.Paging.Page, 1)
	if p.Limit < 1 || p.Limit > MaxLimit {
		return p, &models.QueryError{Field: "limit", Reason: fmt.Sprintf("must be 1…%d", MaxLimit)}
	}
	if p.Page < 1 || (p.Page-1) > maxOffset/p.Limit {
		return p, &models.QueryError{Field: "page", Reason: fmt.Sprintf("must be from 1 to the %d th row; further on use cursor", maxOffset)}
	}
	print := fingerprint(l.table, l.where.conds, l.where.args, l.keys)
	cond, args, offset := l.where.sql(), l.where.args, (p.Page-1)*p.Limit
	if l.Cursor != "" {
		c, err := parseCursor(l.Cursor, print, len(l.keys))
		if err != nil {
			return p, err
		}
		values := make([]any, len(c.Values))
		for i, v := range c.Values {
			values[i] = v.value()
		}
		more, moreArgs := after(l.keys, values)
		cond, args = cond+" AND "+more, append(append([]any(nil), args...), moreArgs...)
		p.Page, offset = c.Page, 0
	}
	err = s.read.WithContext(ctx).Transaction(func(tx *gorm.DB) error {
		q := fmt.Sprintf("SELECT %s FROM %s WHERE %s ORDER BY %s LIMIT %d OFFSET %d", exprs(l.keys), l.table, cond, orderSQL(l.keys), p.Limit+1, offset)
		found, err := scanKeys(tx, q, args, len(l.keys))
		if err != nil {
			return err
		}
		if len(found) > p.Limit {
			found = found[:p.Limit]
			next := cursor{List: print, Page: p.Page + 1}
			for _, v := range found[p.Limit-1] {
				next.Values = append(next.Values, toCursorValue(v))
			}
			p.NextCursor = next.String()
		}
		if p.Total = int64(offset + len(found)); p.NextCursor != "" || l.Cursor != "" || len(found) == 0 {
			// Only where the page does not tell: counting reads every row that fits.
			if err := tx.Raw("SELECT count(*) FROM "+l.table+" WHERE "+l.where.sql(), l.where.args...).Scan(&p.Total).Error; err != nil {
				return err
			}
		}
		p.Items, err = load(tx, found, seq)
		return err
	}, &sql.TxOptions{ReadOnly: true})
	return p, s.queryError(ctx, err)
}

// load reads the rows whose numbers are the last of each found, in that order.
func load[R any](tx *gorm.DB, found [][]any, seq func(*R) int64) ([]R, error) {
	items := make([]R, len(found))
	if len(found) == 0 {
		return items, nil
	}
	at, seqs := make(map[int64]int, len(found)), make([]int64, len(found))
	for i, v := range found {
		seqs[i] = v[len(v)-1].(int64)
		at[seqs[i]] = i
	}
	rows := make([]R, 0, len(found))
	if err := tx.Where("seq IN ?", seqs).Find(&rows).Error; err != nil {
		return nil, err
	}
	for i := range rows {
		items[at[seq(&rows[i])]] = rows[i]
	}
	return items, nil
}

func exprs(keys []orderKey) string {
	e := make([]string, len(keys))
	for i, k := range keys {
		e[i] = k.expr
	}
	return strings.Join(e, ", ")
}

// scanKeys reads rows of n values each as SQLite has them.
func scanKeys(tx *gorm.DB, q string, args []any, n int) ([][]any, error) {
	rows, err := tx.Raw(q, args...).Rows()
	if err != nil {
		return nil, err
	}
	defer rows.Close() //nolint:errcheck // read to the end; Err has the verdict
	var out [][]any
	for rows.Next() {
		values, into := make([]any, n), make([]any, n)
		for i := range values {
			into[i] = &values[i]
		}
		if err := rows.Scan(into...); err != nil {
			return nil, err
		}
		out = append(out, values)
	}
	return out, rows.Err()
}

// queryError makes an interrupted query the context's error, which says why.
func (s *Store) queryError(ctx context.Context, err error) error {
	if err != nil && ctx.Err() != nil {
		return fmt.Errorf("%s: query broken off: %w", s.cfg.Path, ctx.Err())
	}
	var bad *models.QueryError
	if errors.As(err, &bad) || errors.Is(err, models.ErrNotFound) {
		return err
	}
	return explain(s.cfg.Path, err)
}

func cmpOr(v, standard int) int {
	if v == 0 {
		return standard
	}
	return v
}
