package vocabulary

// Checks of 'netlyra doctor': the code of a finding that has no more specific one, such as
// ConditionOpenTransaction.
const (
	DoctorConfiguration  = "configuration"
	DoctorClock          = "clock"
	DoctorOpenFiles      = "open_files"
	DoctorAPIPort        = "api_port"
	DoctorWSPort         = "ws_port"
	DoctorDatabase       = "database"
	DoctorPermissions    = "permissions"
	DoctorDatabaseDisk   = "database_disk"
	DoctorDataDisk       = "data_disk"
	DoctorCapture        = "capture"
	DoctorEmbeddedBroker = "embedded_broker"
	DoctorBroker         = "broker"
	DoctorCluster        = "cluster"
	DoctorTopicMissing   = "topic_missing"
	DoctorTopics         = "topics"
	DoctorGroups         = "groups"
	DoctorTransactions   = "transactions"
	DoctorCheckpoints    = "checkpoints"
	DoctorNoCheckpoint   = "no_checkpoint"
	DoctorBrokerClocks   = "broker_clocks"
)

// DoctorFindings describes the codes of findings of 'netlyra doctor'. A finding may have the
// code of a condition of health instead.
var DoctorFindings = []Entry{
	{DoctorConfiguration, "Configuration", "Whether all settings are valid and all names in .env are known."},
	{DoctorClock, "Clock", "Whether the kernel's clock is synchronized."},
	{DoctorOpenFiles, "Open files", "The limit of open files of this user and of the processes that run."},
	{DoctorAPIPort, "API port", "Whether API_PORT is free or in use by a healthy NetLyra."},
	{DoctorWSPort, "WebSocket port", "Whether WS_PORT is free or in use by NetLyra."},
	{DoctorDatabase, "Database", "Whether DB_PATH can be opened and written, and which process has it open."},
	{DoctorPermissions, "Permissions", "Whether only one user has access to stored data and to files with secrets."},
	{DoctorDatabaseDisk, "Disk of the database", "Whether the disk of DB_PATH has room for what DB_MAX_BYTES allows."},
	{DoctorDataDisk, "Disk of the log", "Whether the disk of DATA_DIR has room for what PACKETS_RETENTION_BYTES allows."},
	{DoctorCapture, "Capture", "Whether this user may capture on CAPTURE_IFACE."},
	{DoctorEmbeddedBroker, "Embedded broker", "Whether the embedded broker runs, or its directory can be written."},
	{DoctorBroker, "Broker", "Whether an address of a broker responds: TCP, TLS, login and a request; also the client's certificate."},
	{DoctorCluster, "Cluster", "Whether the brokers form a cluster that supports the required requests."},
	{DoctorTopicMissing, "Topic missing", "A topic does not exist. Any role of NetLyra creates it at start, if its user may create topics."},
	{DoctorTopics, "Topics", "Whether the topics match the configuration."},
	{DoctorGroups, "Consumer groups", "Whether each consumer group has members and reads what waits for it."},
	{DoctorTransactions, "Transactions", "Whether transactions that are open in the topics could be read."},
	{DoctorCheckpoints, "Checkpoints", "Whether the newest checkpoints can be read and are recent."},
	{DoctorNoCheckpoint, "No checkpoint", "No checkpoint has been written yet. Engines start with untrained models."},
	{DoctorBrokerClocks, "Clocks of the brokers", "Whether records are ahead of this host's clock."},
}
