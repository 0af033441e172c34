package store

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"hash/fnv"

	"github.com/netlyra/netlyra/internal/models"
)

// cursor is the place behind a row: the row's values of the order's keys. The page
// after it does not depend on rows that came since, as the n-th page would.
type cursor struct {
	List   uint64        `json:"l"` // fingerprint of the list: kind, filter and order
	Page   int           `json:"p"` // number of the page that begins here
	Values []cursorValue `json:"v"`
}

// cursorValue is a value of SQLite in a form that keeps its type and every bit.
type cursorValue struct {
	I *int64   `json:"i,omitempty"`
	F *float64 `json:"f,omitempty"`
	S *string  `json:"s,omitempty"`
	B []byte   `json:"b,omitempty"`
}

func toCursorValue(v any) cursorValue {
	switch v := v.(type) {
	case int64:
		return cursorValue{I: &v}
	case float64:
		return cursorValue{F: &v}
	case string:
		return cursorValue{S: &v}
	case []byte:
		return cursorValue{B: v}
	}
	return cursorValue{}
}

func (v cursorValue) value() any {
	switch {
	case v.I != nil:
		return *v.I
	case v.F != nil:
		return *v.F
	case v.S != nil:
		return *v.S
	case v.B != nil:
		return v.B
	}
	return []byte{} // an address that is none
}

// fingerprint tells lists apart, so that a cursor cannot be used on another one.
func fingerprint(list string, where []string, args []any, keys []orderKey) uint64 {
	h := fnv.New64a()
	fmt.Fprintln(h, list, where, args, keys)
	return h.Sum64()
}

func (c cursor) String() string {
	b, _ := json.Marshal(c) // nothing in it can fail: floats in the file are finite
	return base64.RawURLEncoding.EncodeToString(b)
}

// parseCursor reads a cursor of the list with that fingerprint and number of keys.
func parseCursor(s string, list uint64, keys int) (cursor, error) {
	var c cursor
	b, err := base64.RawURLEncoding.DecodeString(s)
	if err == nil {
		err = json.Unmarshal(b, &c)
	}
	if err != nil || len(c.Values) != keys || c.Page < 2 {
		return c, &models.QueryError{Field: "cursor", Reason: "is not one that a list gave"}
	}
	if c.List != list {
		return c, &models.QueryError{Field: "cursor", Reason: "belongs to a list with another filter or order: keep filter and sort as they were"}
	}
	return c, nil
}
