package store

import (
	"database/sql"
	"errors"

	"gorm.io/driver/sqlite"
	"gorm.io/gorm"
	"gorm.io/gorm/logger"
	"gorm.io/gorm/schema"
)

// errStructWrite is what a write of a struct through GORM gets.
var errStructWrite = errors.New("store: rows are written by SQL alone: GORM fills, skips and converts fields of a struct by their names and values")

// openGORM is GORM on the pool, for queries and for SQL that the caller writes. GORM's
// conventions for writing structs are off with the writing itself: Create, Save, Update,
// Updates and Delete return errStructWrite.
func openGORM(db *sql.DB) (*gorm.DB, error) {
	g, err := gorm.Open(&sqlite.Dialector{Conn: db}, gormConfig())
	if err != nil {
		return nil, err
	}
	refuse := func(tx *gorm.DB) { _ = tx.AddError(errStructWrite) }
	c := g.Callback()
	return g, firstError(
		c.Create().Replace("gorm:create", refuse),
		c.Update().Replace("gorm:update", refuse),
		c.Delete().Replace("gorm:delete", refuse))
}

func gormConfig() *gorm.Config {
	return &gorm.Config{
		Logger:                 logger.Discard, // errors are returned, and logged once by who handles them
		SkipDefaultTransaction: true,           // transactions are begun where one is meant
		DisableAutomaticPing:   true,
		NamingStrategy:         namedOnly{},
	}
}

// namedOnly gives no table and no column a name: each says its own.
type namedOnly struct{ schema.NamingStrategy }

// TableName implements schema.Namer with a name that no table has.
func (namedOnly) TableName(model string) string { return "unnamed_table_of_" + model }

// ColumnName implements schema.Namer with a name that no column has.
func (namedOnly) ColumnName(_, field string) string { return "unnamed_column_of_" + field }
