package schema

import (
	"fmt"
	"strings"

	"gorm.io/gorm"

	"github.com/netlyra/netlyra/internal/models"
	"github.com/netlyra/netlyra/internal/models/vocabulary"
	"github.com/netlyra/netlyra/internal/store/row"
)

// inNanoseconds returns the SQL expression that converts a column of row times to
// nanoseconds, or to NULL if the value is a plausible time in no unit. Between 2020 and
// 2100 the values in seconds, milliseconds, microseconds and nanoseconds do not overlap,
// so that the value determines its unit.
func inNanoseconds(column string) string {
	const from, to = 1_577_836_800, 4_102_444_800 // seconds of 2020-01-01 and 2100-01-01
	var b strings.Builder
	b.WriteString("CASE")
	for perSecond := int64(1); perSecond < 1e9; perSecond *= 1000 {
		fmt.Fprintf(&b, " WHEN %s BETWEEN %d AND %d THEN %s * %d", column, from*perSecond, to*perSecond, column, int64(1e9)/perSecond)
	}
	fmt.Fprintf(&b, " WHEN %s >= %d THEN %s END", column, from*int64(1e9), column)
	return b.String()
}

// repairRowTimes corrects row times that were written in another unit. Schema versions
// before 4 wrote seconds to updated_at of an alert when a person changed its state or
// note, so that retention dated the row to 1970 and deleted it.
//
// A value that is a plausible time in some unit is converted to nanoseconds. The digits
// that the unit cut off updated_at are restored from the history of the alert, and
// updated_at is never earlier than the insertion of the row. A value that is a time in no
// unit is replaced by the present time, which keeps the row for its full age. That is
// not done if any row is later than now: the clock may be behind, and the row would be
// deleted as soon as the clock is set. Such a row keeps its value, and retention does not
// delete it.
func repairRowTimes(tx *gorm.DB, m Migration) error {
	now := models.TimestampOf(m.Now())
	implausible := func(column string) string { return fmt.Sprintf("%s < %d", column, int64(row.PlausibleFrom)) }
	convert := func(table, column string) string {
		return fmt.Sprintf("UPDATE %s SET %s = %s WHERE %s AND %[3]s IS NOT NULL", table, column, inNanoseconds(column), implausible(column))
	}
	history := fmt.Sprintf("coalesce((SELECT max(at) FROM alert_triage WHERE alert_seq = seq AND at < %d), 0)", int64(row.Earlier(now, -row.MaxAhead)))
	updated := func(table, more string) string {
		return fmt.Sprintf("UPDATE %s SET updated_at = max(%s, inserted_at%s) WHERE %s AND %[2]s IS NOT NULL", table, inNanoseconds("updated_at"), more, implausible("updated_at"))
	}
	counts := map[string]int64{}
	for _, step := range []struct{ table, sql string }{
		{"alert_triage", convert("alert_triage", "at")},
		{"alerts", convert("alerts", "inserted_at")},
		{"connections", convert("connections", "inserted_at")},
		{"alerts", updated("alerts", ", "+history)},
		{"connections", updated("connections", "")},
	} {
		r := tx.Exec(step.sql)
		if r.Error != nil {
			return r.Error
		}
		counts[step.table] += r.RowsAffected
	}
	for _, table := range []string{"alerts", "connections"} {
		n, err := dateUnknown(tx, table, implausible("updated_at"), now)
		if err != nil {
			return err
		}
		counts[table] += n
	}
	if counts["alerts"]+counts["connections"]+counts["alert_triage"] > 0 {
		m.Log.Info("row times in wrong units repaired", vocabulary.EventRowTimesRepaired.Attr(), "file", m.DB.Path(),
			"alerts", counts["alerts"], "connections", counts["connections"], "history", counts["alert_triage"])
	}
	return nil
}

// dateUnknown sets updated_at of the rows that match cond to now, unless the clock may be
// behind. It returns the number of rows changed.
func dateUnknown(tx *gorm.DB, table, cond string, now models.Timestamp) (int64, error) {
	var rows, later int64
	if err := tx.Raw("SELECT count(*) FROM " + table + " WHERE " + cond).Scan(&rows).Error; err != nil || rows == 0 || now < row.PlausibleFrom {
		return 0, err
	}
	if err := tx.Raw("SELECT count(*) FROM "+table+" WHERE updated_at > ?", now).Scan(&later).Error; err != nil || later > 0 {
		return 0, err
	}
	r := tx.Exec("UPDATE "+table+" SET updated_at = ? WHERE "+cond, now)
	return r.RowsAffected, r.Error
}
