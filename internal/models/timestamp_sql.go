package models

import (
	"database/sql/driver"
	"fmt"
)

// Every time column of the database holds nanoseconds since the Unix epoch as an
// integer, and is written and read as a Timestamp: the unit is decided here alone.

// Value implements driver.Valuer: nanoseconds as an integer.
func (t Timestamp) Value() (driver.Value, error) { return int64(t), nil }

// Scan implements sql.Scanner. It takes an integer and nothing else: a text, a
// floating-point number or a time.Time in the column was written in another unit.
func (t *Timestamp) Scan(src any) error {
	n, ok := src.(int64)
	if !ok {
		return fmt.Errorf("time column holds %T: want an integer, nanoseconds since the Unix epoch", src)
	}
	*t = Timestamp(n)
	return nil
}

// GormDataType implements GORM's schema.GormDataTypeInterface. A data type of its own
// keeps GORM from applying its conventions for integers (CreatedAt and UpdatedAt in
// seconds) to a Timestamp, whatever the field is called.
func (Timestamp) GormDataType() string { return "unix_nanoseconds" }
