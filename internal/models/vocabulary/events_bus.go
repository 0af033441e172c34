package vocabulary

// Log events of the Kafka client, of consumers, producers and checkpoints.
const (
	EventBrokerUnreachable     Event = "broker_unreachable"
	EventBrokerReachable       Event = "broker_reachable"
	EventOpenTransaction       Event = "open_transaction"
	EventTopicDiffers          Event = "topic_differs"
	EventTopicsUnchecked       Event = "topics_unchecked"
	EventTopicMissing          Event = "topic_missing"
	EventTopicRecreated        Event = "topic_recreated"
	EventLogTruncated          Event = "log_truncated"
	EventRecordsRemoved        Event = "records_removed"
	EventBatchOversized        Event = "batch_oversized"
	EventFetchFailed           Event = "fetch_failed"
	EventGroupSessionLost      Event = "group_session_lost"
	EventPartitionsLost        Event = "partitions_lost"
	EventCommitFailed          Event = "commit_failed"
	EventPartitionsChanged     Event = "partitions_changed"
	EventClientFailed          Event = "kafka_client_failed"
	EventCheckpointRefused     Event = "checkpoint_refused"
	EventCheckpointsUnreadable Event = "checkpoints_unreadable"
	EventCatalogueUnreadable   Event = "catalogue_unreadable"
	EventRedriveRefused        Event = "redrive_refused"
)

// BusEvents describes the log events of the Kafka client and of what uses it.
var BusEvents = []Entry{
	{string(EventBrokerUnreachable), "Broker unreachable", "A broker does not accept connections. Records are buffered and retried."},
	{string(EventBrokerReachable), "Broker reachable", "All brokers accept connections again."},
	{string(EventOpenTransaction), "Open transaction", "A transaction that has not ended holds back the consumers of its partition."},
	{string(EventTopicDiffers), "Topic differs from configuration", "A topic exists with other settings than configured and is used as it is. The attribute hint says how to change it."},
	{string(EventTopicsUnchecked), "Topics not checked", "The settings of the topics could not be read."},
	{string(EventTopicMissing), "Topic missing", "A topic that NetLyra writes to does not exist. Records are buffered until it is created."},
	{string(EventTopicRecreated), "Topic recreated", "A topic was deleted and created again. Unread records of the old one are lost; the new one is read from its beginning."},
	{string(EventLogTruncated), "Log truncated", "A partition ends before the consumer's position: the brokers lost data. Reading resumes at the end of the log."},
	{string(EventRecordsRemoved), "Records removed unread", "Retention removed records before they were read. Raise the retention, or keep the consumers running."},
	{string(EventBatchOversized), "Batch too large", "A batch larger than 64 MiB uncompressed was skipped. NetLyra does not write such batches."},
	{string(EventFetchFailed), "Fetch failed", "A partition could not be read; the client retries."},
	{string(EventGroupSessionLost), "Group session lost", "The consumer lost its session with the group and joins again."},
	{string(EventPartitionsLost), "Partitions lost", "The group assigned partitions to another member because this one was silent for longer than the session timeout."},
	{string(EventCommitFailed), "Commit failed", "Offsets were not committed; the next commit includes them."},
	{string(EventPartitionsChanged), "Partitions changed", "The packets topic has another number of partitions, over which packets are distributed from now on."},
	{string(EventClientFailed), "Kafka client failed", "A Kafka client could not be created; records are buffered and retried."},
	{string(EventCheckpointRefused), "Checkpoint refused", "The brokers refused a checkpoint; it is retried with the limits that the topic has now."},
	{string(EventCheckpointsUnreadable), "Checkpoints unreadable", "The newest checkpoints of a lane cannot be read. An older one is used; without one, the model starts untrained."},
	{string(EventCatalogueUnreadable), "Catalogue unreadable", "A list of checkpoints cannot be read and was skipped for an older one."},
	{string(EventRedriveRefused), "Redrive refused", "The brokers refused a redriven record; it remains a dead letter for the next redrive."},
}

// Log events of the embedded broker.
const (
	EventBrokerListening     Event = "broker_listening"
	EventBrokerClosed        Event = "broker_closed"
	EventBrokerInternal      Event = "broker_internal"
	EventBrokerDiskFull      Event = "broker_disk_full"
	EventBrokerDiskFree      Event = "broker_disk_free"
	EventBrokerNotLocked     Event = "data_dir_not_locked"
	EventBrokerAcceptFailed  Event = "broker_accept_failed"
	EventBrokerClientRefused Event = "broker_client_refused"
)

// BrokerEvents describes the log events of the embedded broker.
var BrokerEvents = []Entry{
	{string(EventBrokerListening), "Broker listening", "The embedded broker accepts connections."},
	{string(EventBrokerClosed), "Broker closed", "The embedded broker wrote its log to disk and closed."},
	{string(EventBrokerInternal), "Broker message", "A warning or an error of the library that implements the embedded broker."},
	{string(EventBrokerDiskFull), "Broker disk full", "The embedded broker refuses writes because its disk is almost full. Clients buffer and retry."},
	{string(EventBrokerDiskFree), "Broker disk free", "The embedded broker accepts writes again."},
	{string(EventBrokerNotLocked), "Data directory not locked", "The file system has no locks, so nothing keeps a second broker from the directory. Make sure that only one process uses it."},
	{string(EventBrokerAcceptFailed), "Accept failed", "The system refused to accept connections to the embedded broker, which retries. Often no file descriptors are left."},
	{string(EventBrokerClientRefused), "Client refused", "The embedded broker closed a connection or refused a batch; the attribute reason says why."},
}
