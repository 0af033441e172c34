package store

import (
	"fmt"
	"strings"

	"gorm.io/gorm"

	"github.com/netlyra/netlyra/internal/models"
)

// CodeRepaired is the code of the log record that row times were repaired.
const CodeRepaired = "row_times_repaired"

// inNanoseconds is the value of a column of row times in nanoseconds, NULL where no unit makes it
// a plausible time. From 2020 to 2100 the numbers of seconds, milliseconds, microseconds
// and nanoseconds do not overlap, so the number tells its unit.
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

// repairRowTimes corrects times of rows that were written in another unit. Versions
// before wrote seconds to updated_at of an alert when a person changed its state or note;
// retention took such a row for one of 1970 and deleted it.
//
// A time becomes the nanoseconds of its number's unit. updated_at gets back what the unit
// cut off from the history of the alert, and is not before the row's insertion. A number
// that is a time in no unit is replaced by now, so that the row is kept for its whole age
// once more; but only where no row is later than now, or the clock may be behind, and
// the row would be too old as soon as the clock is right. Such a row stays as it is, and
// retention does not delete it.
func (s *Store) repairRowTimes(tx *gorm.DB) error {
	now := s.stamp()
	odd := func(column string) string { return fmt.Sprintf("%s < %d", column, int64(plausibleFrom)) }
	convert := func(table, column string) string {
		return fmt.Sprintf("UPDATE %s SET %s = %s WHERE %s AND %[3]s IS NOT NULL", table, column, inNanoseconds(column), odd(column))
	}
	history := fmt.Sprintf("coalesce((SELECT max(at) FROM alert_triage WHERE alert_seq = seq AND at < %d), 0)", int64(earlier(now, -maxAhead)))
	written := func(table, more string) string {
		return fmt.Sprintf("UPDATE %s SET updated_at = max(%s, inserted_at%s) WHERE %s AND %[2]s IS NOT NULL", table, inNanoseconds("updated_at"), more, odd("updated_at"))
	}
	counts := map[string]int64{}
	for _, step := range []struct{ table, sql string }{
		{"alert_triage", convert("alert_triage", "at")},
		{"alerts", convert("alerts", "inserted_at")},
		{"connections", convert("connections", "inserted_at")},
		{"alerts", written("alerts", ", "+history)},
		{"connections", written("connections", "")},
	} {
		r := tx.Exec(step.sql)
		if r.Error != nil {
			return r.Error
		}
		counts[step.table] += r.RowsAffected
	}
	for _, table := range []string{"alerts", "connections"} {
		n, err := dateUnknown(tx, table, odd("updated_at"), now)
		if err != nil {
			return err
		}
		counts[table] += n
	}
	if counts["alerts"]+counts["connections"]+counts["alert_triage"] > 0 {
		s.log.Info("times of rows that were written in another unit are repaired", "code", CodeRepaired, "file", s.cfg.Path,
			"alerts", counts["alerts"], "connections", counts["connections"], "history", counts["alert_triage"])
	}
	return nil
}

// dateUnknown dates rows that match odd with now, unless the clock seems to be behind.
func dateUnknown(tx *gorm.DB, table, odd string, now models.Timestamp) (int64, error) {
	var rows, later int64
	if err := tx.Raw("SELECT count(*) FROM " + table + " WHERE " + odd).Scan(&rows).Error; err != nil || rows == 0 || now < plausibleFrom {
		return 0, err
	}
	if err := tx.Raw("SELECT count(*) FROM "+table+" WHERE updated_at > ?", now).Scan(&later).Error; err != nil || later > 0 {
		return 0, err
	}
	r := tx.Exec("UPDATE "+table+" SET updated_at = ? WHERE "+odd, now)
	return r.RowsAffected, r.Error
}
