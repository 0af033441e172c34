package query

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"strings"

	"gorm.io/gorm"

	"github.com/netlyra/netlyra/internal/models"
	"github.com/netlyra/netlyra/internal/store/dbfile"
)

// Limits of a page.
const (
	DefaultLimit = 50
	MaxLimit     = 500
	// maxOffset limits how many rows a page number may skip; beyond it a cursor is needed.
	maxOffset = 1_000_000
)

// List is a query over one table.
type List struct {
	Table string
	Where Where
	Keys  []Key // from Sortable.Order
	models.Paging
}

// Page reads the page that l.Paging asks for. It first reads the sort keys and numbers of
// the rows in order, where possible from an index alone, and then the rows. seq returns
// the number of a row. R must be a GORM model of the table.
func Page[R any](ctx context.Context, db *dbfile.DB, l List, seq func(*R) int64) (p models.Page[R], err error) {
	p.Limit, p.Page = cmp.Or(l.Limit, DefaultLimit), cmp.Or(l.Paging.Page, 1)
	if p.Limit < 1 || p.Limit > MaxLimit {
		return p, &models.QueryError{Field: "limit", Reason: fmt.Sprintf("must be 1…%d", MaxLimit)}
	}
	if p.Page < 1 || (p.Page-1) > maxOffset/p.Limit {
		return p, &models.QueryError{Field: "page", Reason: fmt.Sprintf("must be at least 1 and reach at most row %d; use cursor for later rows", maxOffset)}
	}
	print := fingerprint(l.Table, l.Where.conds, l.Where.args, l.Keys)
	cond, args, offset := l.Where.sql(), l.Where.args, (p.Page-1)*p.Limit
	if l.Cursor != "" {
		c, err := parseCursor(l.Cursor, print, len(l.Keys))
		if err != nil {
			return p, err
		}
		values := make([]any, len(c.Values))
		for i, v := range c.Values {
			values[i] = v.value()
		}
		more, moreArgs := after(l.Keys, values)
		cond, args = cond+" AND "+more, append(append([]any(nil), args...), moreArgs...)
		p.Page, offset = c.Page, 0
	}
	err = db.Read.WithContext(ctx).Transaction(func(tx *gorm.DB) error {
		q := fmt.Sprintf("SELECT %s FROM %s WHERE %s ORDER BY %s LIMIT %d OFFSET %d", exprs(l.Keys), l.Table, cond, orderSQL(l.Keys), p.Limit+1, offset)
		found, err := scanKeys(tx, q, args, len(l.Keys))
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
			// Counting reads every row that matches, so it is done only if the page does not
			// show the total.
			if err := tx.Raw("SELECT count(*) FROM "+l.Table+" WHERE "+l.Where.sql(), l.Where.args...).Scan(&p.Total).Error; err != nil {
				return err
			}
		}
		p.Items, err = load(tx, found, seq)
		return err
	}, &sql.TxOptions{ReadOnly: true})
	return p, db.QueryError(ctx, err)
}

// load reads the rows whose numbers are the last value of each element of found, in that
// order.
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

func exprs(keys []Key) string {
	e := make([]string, len(keys))
	for i, k := range keys {
		e[i] = k.expr
	}
	return strings.Join(e, ", ")
}

// scanKeys reads rows of n values each, in the types of SQLite.
func scanKeys(tx *gorm.DB, q string, args []any, n int) ([][]any, error) {
	rows, err := tx.Raw(q, args...).Rows()
	if err != nil {
		return nil, err
	}
	defer rows.Close() //nolint:errcheck // the error is in Err
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
