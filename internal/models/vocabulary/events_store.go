package vocabulary

// Log events of the database and the files of NetLyra.
const (
	EventDatabaseNotLocked  Event = "database_not_locked"
	EventPermissionsTooWide Event = "permissions_too_wide"
	EventRowTimesRepaired   Event = "row_times_repaired"
	EventRowTimeImplausible Event = "row_time_implausible"
	EventRowTimesPlausible  Event = "row_times_plausible"
	EventClockImplausible   Event = "clock_implausible"
	EventRetention          Event = "retention"
	EventRetentionFailed    Event = "retention_failed"
	EventRecordingFailed    Event = "recording_failed"
	EventRecordingResumed   Event = "recording_resumed"
)

// StoreEvents describes the log events of the database and the files of NetLyra.
var StoreEvents = []Entry{
	{string(EventDatabaseNotLocked), "Database not locked", "The file system does not support locks, so nothing keeps a second process from the database. Make sure that only one process uses it."},
	{string(EventPermissionsTooWide), "Permissions too wide", "Other users of the host can access a file or directory with data of NetLyra. Run the command in the attribute advice."},
	{string(EventRowTimesRepaired), "Row times repaired", "A migration converted row times that an earlier version wrote in a wrong unit."},
	{string(EventRowTimeImplausible), "Implausible row times", "Rows have implausible row times; retention does not delete them by age. docs/operations.md describes how to date them."},
	{string(EventRowTimesPlausible), "Row times plausible", "All row times are plausible again."},
	{string(EventClockImplausible), "Clock not set", "The clock of the host is before 2020; retention deletes nothing by age until it is set."},
	{string(EventRetention), "Retention", "Retention deleted or expired rows."},
	{string(EventRetentionFailed), "Retention failed", "A round of retention failed. The next round retries."},
	{string(EventRecordingFailed), "Recording failed", "Rows cannot be written. The recorder buffers the batch and retries; nothing is lost."},
	{string(EventRecordingResumed), "Recording resumed", "Rows are written again."},
}
