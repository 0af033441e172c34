package models

import (
	"errors"
	"net/netip"
)

// ErrNotFound is wrapped by the errors of look-ups by id that find nothing.
var ErrNotFound = errors.New("not found")

// SortKey is one key of an order; rows that are equal in all keys stand in the order
// in which they were first stored.
type SortKey struct {
	Field string // JSON name
	Desc  bool
}

// Filter is what the lists of alerts and of connections have in common. Nil and zero
// fields do not filter; several fields are joined by "and", the values of one by "or".
type Filter struct {
	Since, Until *Timestamp   // bounds of TS, both included
	IP           netip.Prefix // either end lies in it; a single address is a /32 or /128
	Port         *uint16      // of either end
	Proto        string       // as Proto.String writes it, in any case
	Q            string       // text found in an address, or in what the row says of itself
}

// Paging picks a part of a list: by Cursor where that is set, else by Page.
type Paging struct {
	Sort   []SortKey // nil: the list's default
	Limit  int       // rows, 1…500; 0: 50
	Page   int       // from 1; 0: 1
	Cursor string    // NextCursor of the part before
}

// AlertQuery asks for alerts.
type AlertQuery struct {
	Filter
	Paging
	MinScore *float64 // 0…1
	Severity []Severity
	State    []TriageState
	Kind     []string
}

// ConnectionQuery asks for connections.
type ConnectionQuery struct {
	Filter
	Paging
	Phases  []string // of the connection machine; nil: new, active, idle. "any" is all of them
	State   []string // Zeek's conn_state
	Service []string
}

// Page is a part of a list.
type Page[T any] struct {
	Items      []T    `json:"items"`
	Total      int64  `json:"total"` // rows that the filter lets through, on all pages
	Page       int    `json:"page"`  // from 1
	Limit      int    `json:"limit"`
	NextCursor string `json:"next_cursor"` // "" on the last page
}

// QueryError says which field of a query cannot be used and why.
type QueryError struct {
	Field  string // the parameter's name
	Reason string // a sentence without the name
}

// Error is the field and the reason.
func (e *QueryError) Error() string { return e.Field + " " + e.Reason }
