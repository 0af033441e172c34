package vocabulary

// Conditions of the Kafka client and of the embedded broker.
const (
	ConditionBrokerUnreachable     = "broker_unreachable"
	ConditionOpenTransaction       = "open_transaction"
	ConditionCheckpointsUnreadable = "checkpoints_unreadable"
	ConditionBrokerDiskFull        = "broker_disk_full"
)

// BusConditions describes the conditions of the Kafka client and of the embedded broker.
var BusConditions = []Entry{
	{ConditionBrokerUnreachable, "Broker unreachable", "A broker does not accept connections. Records are buffered and retried."},
	{ConditionOpenTransaction, "Open transaction", "A transaction that has been open for long holds back all consumers of its partition. It ends when its producer commits or aborts it, or after transaction.timeout.ms; find a hanging one with kafka-transactions.sh find-hanging, then abort it."},
	{ConditionCheckpointsUnreadable, "Unreadable checkpoints", "The newest checkpoints of a lane cannot be read. An older one is used; without one, the model starts untrained."},
	{ConditionBrokerDiskFull, "Broker disk full", "The embedded broker refuses writes because its disk is almost full. Records are buffered and retried; free disk space."},
}
