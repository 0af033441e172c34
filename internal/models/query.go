package models

import (
	"errors"
	"net/netip"
)

// ErrNotFound is wrapped by errors of look-ups by id that find no row.
var ErrNotFound = errors.New("not found")

// SortKey is one key of a sort order. Rows that are equal in all keys are in the order in
// which they were first stored.
type SortKey struct {
	Field string // JSON name
	Desc  bool
}

// Filter has the filters that alerts and connections share. Nil and zero fields do not
// filter. Fields are combined with "and", the values of one field with "or".
type Filter struct {
	Since, Until *Timestamp   // bounds of TS, both included
	IP           netip.Prefix // that contains either address; a single address is a /32 or /128
	Port         *uint16      // of either end
	Proto        string       // as Proto.String writes it, in any case
	Q            string       // text that an address or a text column contains
}

// Paging selects a part of a list: by Cursor if it is set, otherwise by Page.
type Paging struct {
	Sort   []SortKey // nil: the list's default
	Limit  int       // rows, 1…500; 0: 50
	Page   int       // from 1; 0: 1
	Cursor string    // NextCursor of the previous part
}

// AlertQuery selects alerts.
type AlertQuery struct {
	Filter
	Paging
	MinScore *float64 // 0…1
	Severity []Severity
	State    []TriageState
	Kind     []string
}

// ConnectionQuery selects connections.
type ConnectionQuery struct {
	Filter
	Paging
	Phases  []string // of the connection machine; nil: new, active, idle. "any" selects all
	State   []string // Zeek's conn_state
	Service []string
}

// Page is a part of a list.
type Page[T any] struct {
	Items      []T    `json:"items"`
	Total      int64  `json:"total"` // rows that match the filter, on all pages
	Page       int    `json:"page"`  // from 1
	Limit      int    `json:"limit"`
	NextCursor string `json:"next_cursor"` // "" on the last page
}

// QueryError reports an invalid field of a query.
type QueryError struct {
	Field  string // the parameter's name
	Reason string // a sentence without the name
}

// Error returns the field and the reason.
func (e *QueryError) Error() string { return e.Field + " " + e.Reason }
