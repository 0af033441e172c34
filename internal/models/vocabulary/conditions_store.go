package vocabulary

// Conditions of the database.
const (
	ConditionStoreUnavailable   = "store_unavailable"
	ConditionRowTimeImplausible = "row_time_implausible"
	ConditionClockImplausible   = "clock_implausible"
)

// StoreConditions describes the conditions of the database.
var StoreConditions = []Entry{
	{ConditionStoreUnavailable, "Database not writable", "Rows cannot be written. The batch is kept and retried; free disk space or correct the permissions."},
	{ConditionRowTimeImplausible, "Implausible row times", "Rows have times that cannot be right; retention does not delete them by age. The operations guide explains how to correct them."},
	{ConditionClockImplausible, "Clock not set", "The wall clock is before any plausible time; retention deletes nothing by age. Set the clock."},
}
