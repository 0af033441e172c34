package dbfile

import (
	"cmp"
	"database/sql"
	"errors"

	"gorm.io/driver/sqlite"
	"gorm.io/gorm"
	"gorm.io/gorm/logger"
	"gorm.io/gorm/schema"
)

// ErrStructWrite is returned by GORM's Create, Save, Update, Updates and Delete.
var ErrStructWrite = errors.New("store: GORM may not write structs, because it fills, skips and converts fields by their names and values; write SQL")

// openGORM wraps the pool in GORM for queries and raw SQL. Struct writes fail with
// ErrStructWrite, which turns off GORM's conventions for them.
func openGORM(db *sql.DB) (*gorm.DB, error) {
	g, err := gorm.Open(&sqlite.Dialector{Conn: db}, gormConfig())
	if err != nil {
		return nil, err
	}
	refuse := func(tx *gorm.DB) { _ = tx.AddError(ErrStructWrite) }
	c := g.Callback()
	return g, cmp.Or(
		c.Create().Replace("gorm:create", refuse),
		c.Update().Replace("gorm:update", refuse),
		c.Delete().Replace("gorm:delete", refuse))
}

func gormConfig() *gorm.Config {
	return &gorm.Config{
		Logger:                 logger.Discard, // errors are returned; the caller logs them once
		SkipDefaultTransaction: true,           // transactions are explicit
		DisableAutomaticPing:   true,
		NamingStrategy:         ExplicitNames{},
	}
}

// ExplicitNames derives no table or column name: every model must name its own.
type ExplicitNames struct{ schema.NamingStrategy }

// TableName implements schema.Namer with a name that no table has.
func (ExplicitNames) TableName(model string) string { return "unnamed_table_of_" + model }

// ColumnName implements schema.Namer with a name that no column has.
func (ExplicitNames) ColumnName(_, field string) string { return "unnamed_column_of_" + field }
