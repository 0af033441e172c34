package models

import (
	"database/sql/driver"
	"fmt"
)

// Every time column of the database is an integer, nanoseconds since the Unix epoch, and is
// written and read as a Timestamp, so that the unit is defined only here.

// Value implements driver.Valuer: nanoseconds as an integer.
func (t Timestamp) Value() (driver.Value, error) { return int64(t), nil }

// Scan implements sql.Scanner. It accepts integers only: a text, a floating-point number or
// a time.Time in the column was written in another unit.
func (t *Timestamp) Scan(src any) error {
	n, ok := src.(int64)
	if !ok {
		return fmt.Errorf("time column holds %T: want an integer, nanoseconds since the Unix epoch", src)
	}
	*t = Timestamp(n)
	return nil
}

// GormDataType implements GORM's schema.GormDataTypeInterface. A separate
// data type prevents GORM from applying its conventions for integers (CreatedAt and
// UpdatedAt in seconds) to fields with such names.
func (Timestamp) GormDataType() string { return "unix_nanoseconds" }
