package vocabulary

// Log events of the wiring of a process and of its roles.
const (
	EventStatsUnreadable  Event = "stats_unreadable"
	EventLedgerReset      Event = "ledger_reset"
	EventBrokerCloseError Event = "broker_close_failed"
	EventAlertUnreadable  Event = "alert_unreadable"
	EventAlertsTruncated  Event = "alerts_truncated"
	EventConfigWarning    Event = "config_warning"
	EventPriorUnknown     Event = "prior_unknown"
	EventStopForced       Event = "stop_forced"
	EventRecordSkipped    Event = "record_skipped"
)

// AppEvents describes the log events of the wiring of a process and of its roles.
var AppEvents = []Entry{
	{string(EventStatsUnreadable), "Stats topic unreadable", "The core cannot read the reports of other processes and retries. The ledger and the dashboard are out of date until it succeeds."},
	{string(EventLedgerReset), "Ledger reset", "The saved ledger cannot be restored, for example because another version wrote it. The core started an empty one; counts from before are missing in its equations."},
	{string(EventBrokerCloseError), "Broker did not close cleanly", "The embedded broker reported an error while closing. It checks its log at the next start."},
	{string(EventAlertUnreadable), "Alert unreadable", "A record of the alerts topic is not a valid alert and was skipped by backtest or explain --verify."},
	{string(EventAlertsTruncated), "Too many alerts", "analyze holds a limited number of alerts; those with the lowest scores were omitted."},
	{string(EventConfigWarning), "Configuration warning", "A line of .env or an environment variable has no effect, for example because its name is misspelled."},
	{string(EventPriorUnknown), "Unknown behaviors in the prior file", "PRIOR_FILE has values of behaviors that this version does not have; they are ignored. The file was made by another version."},
	{string(EventRecordSkipped), "Record skipped", "netlyra tail could not decode a record of the topic and did not print it."},
	{string(EventStopForced), "Forced stop", "The process did not stop within its time limit after a signal and exited. Unsaved work is repeated at the next start."},
}
