package query

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"hash/fnv"

	"github.com/netlyra/netlyra/internal/models"
)

// cursor is the position after a row, given by the values of its sort keys. Unlike a page
// number it is not shifted by rows inserted since.
type cursor struct {
	List   uint64        `json:"l"` // fingerprint of the list: kind, filter and order
	Page   int           `json:"p"` // number of the page that starts here
	Values []cursorValue `json:"v"`
}

// cursorValue is a SQLite value that keeps its type and precision in JSON.
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
	return []byte{} // the key of an invalid address
}

// fingerprint identifies a list, so that a cursor cannot be used with another one.
func fingerprint(list string, where []string, args []any, keys []Key) uint64 {
	h := fnv.New64a()
	fmt.Fprintln(h, list, where, args, keys)
	return h.Sum64()
}

func (c cursor) String() string {
	b, _ := json.Marshal(c) // cannot fail: floats in the file are finite
	return base64.RawURLEncoding.EncodeToString(b)
}

// parseCursor decodes a cursor of the list with this fingerprint and number of keys.
func parseCursor(s string, list uint64, keys int) (cursor, error) {
	var c cursor
	b, err := base64.RawURLEncoding.DecodeString(s)
	if err == nil {
		err = json.Unmarshal(b, &c)
	}
	if err != nil || len(c.Values) != keys || c.Page < 2 {
		return c, &models.QueryError{Field: "cursor", Reason: "is not a cursor that a list returned"}
	}
	if c.List != list {
		return c, &models.QueryError{Field: "cursor", Reason: "belongs to a list with another filter or order; keep filter and sort unchanged"}
	}
	return c, nil
}
