package config

import "time"

// Config contains every setting of NetLyra. A command that accepts only some of the flags
// embeds individual groups.
type Config struct {
	Server  `embed:"" group:"Dashboard and API"`
	Storage `embed:"" group:"Storage"`
	Broker  `embed:"" group:"Embedded broker"`
	Kafka   `embed:"" group:"Kafka"`
	Packets `embed:"" group:"Packets topic"`
	Capture `embed:"" group:"Capture"`
	Conn    `embed:"" group:"Connections"`
	Detect  `embed:"" group:"Detection"`
	Process `embed:"" group:"Process"`
}

// Server configures the ports of the dashboard, the API and the WebSocket.
type Server struct {
	APIHost           string   `key:"API_HOST" default:"127.0.0.1" help:"Address to listen on. 0.0.0.0 makes NetLyra reachable from the network without authentication."`
	APIPort           int      `key:"API_PORT" default:"8090" min:"0" max:"65535" help:"Port of the dashboard, the REST API and the metrics; 0 selects a free port."`
	WSPort            int      `key:"WS_PORT" default:"8091" min:"0" max:"65535" help:"Port of the WebSocket; 0 selects a free port."`
	APIAllowedHosts   []string `key:"API_ALLOWED_HOSTS" default:"" unit:"NAME,…" help:"Additional host names or addresses by which this machine is reached; requests with any other Host header are rejected."`
	WSAllowedOrigins  []string `key:"WS_ALLOWED_ORIGINS" default:"" unit:"NAME,…" help:"Hosts of web pages that may open the WebSocket, in addition to NetLyra's dashboard."`
	PublicURL         string   `key:"PUBLIC_URL" name:"public-url" default:"" unit:"URL" help:"URL of the dashboard behind a reverse proxy, such as https://noc.example/netlyra/; empty without a proxy. Its host is allowed, and its path is the default of API_BASE_PATH."`
	PublicWSURL       string   `key:"PUBLIC_WS_URL" name:"public-ws-url" default:"" unit:"URL" help:"URL of the WebSocket for the dashboard, ws:// or wss://; empty uses /ws relative to the dashboard."`
	APIBasePath       string   `key:"API_BASE_PATH" default:"" unit:"PATH" help:"Path under which a reverse proxy serves the dashboard, such as /netlyra; the proxy may strip it or not."`
	TrustedProxies    []string `key:"TRUSTED_PROXIES" default:"" unit:"CIDR,…" help:"Addresses of reverse proxies whose Forwarded and X-Forwarded-For, -Proto, -Host and -Prefix headers are used; these headers are ignored from all other addresses."`
	APIMaxConnections int      `key:"API_MAX_CONNECTIONS" default:"1024" min:"4" max:"1000000" unit:"connections" help:"Maximum number of open connections on API_PORT; one address can have three quarters of them. Further connections are rejected with 503."`
	APIMaxSearches    int      `key:"API_MAX_SEARCHES" default:"0" min:"0" max:"32" unit:"queries" help:"Maximum number of parallel queries with filters, other sort orders or high page numbers; a few more wait, others are rejected with 503. 0 selects half of the processors, at least 1."`
	WSMaxClients      int      `key:"WS_MAX_CLIENTS" default:"256" min:"1" max:"1000000" unit:"clients" help:"Maximum number of WebSocket clients on both ports; further clients are rejected with 503."`
}

// Storage configures what is stored on disk and for how long.
type Storage struct {
	DBPath              string        `key:"DB_PATH" default:"data/netlyra.db" help:"SQLite file of alerts and connections."`
	DBMaxBytes          Bytes         `key:"DB_MAX_BYTES" default:"4GiB" min:"0" help:"Database size above which the oldest connections, then the oldest alerts, are deleted; 0 disables the limit."`
	AlertRetention      time.Duration `key:"ALERT_RETENTION" default:"90d" min:"0" help:"Age at which alerts are deleted; 0 keeps them."`
	ConnectionRetention time.Duration `key:"CONNECTION_RETENTION" default:"7d" min:"0" help:"Age at which ended connections are deleted; 0 keeps them."`
	DataDir             string        `key:"DATA_DIR" default:"data" help:"Directory of the embedded broker's log."`
}

// Broker configures the limits of the embedded broker.
type Broker struct {
	BrokerMaxConnections  int   `key:"BROKER_MAX_CONNECTIONS" default:"0" min:"0" max:"100000" unit:"connections" help:"Maximum number of connections to the embedded broker; at the limit the least useful connection is closed. 0 selects half of the file descriptors, at most 1024."`
	BrokerMaxRequestBytes Bytes `key:"BROKER_MAX_REQUEST_BYTES" default:"32MiB" min:"1MiB" max:"256MiB" help:"Maximum size of a request to the embedded broker; connections with larger requests are closed."`
}

// Kafka configures the cluster, its topics and groups.
type Kafka struct {
	KafkaBrokers           []string      `key:"KAFKA_BROKERS" default:"" unit:"HOST:PORT,…" help:"Comma-separated brokers of a Kafka-protocol cluster; empty starts the embedded broker."`
	KafkaTopicPackets      string        `key:"KAFKA_TOPIC_PACKETS" default:"netlyra.packets" help:"Topic of packets."`
	KafkaTopicAlerts       string        `key:"KAFKA_TOPIC_ALERTS" default:"netlyra.alerts" help:"Topic of alerts."`
	KafkaTopicConnections  string        `key:"KAFKA_TOPIC_CONNECTIONS" default:"netlyra.connections" help:"Topic of connections."`
	KafkaTopicCheckpoints  string        `key:"KAFKA_TOPIC_CHECKPOINTS" default:"netlyra.checkpoints" help:"Compacted topic of engine checkpoints."`
	KafkaTopicDeadLetters  string        `key:"KAFKA_TOPIC_DEAD_LETTERS" default:"netlyra.dead-letters" help:"Topic of records that could not be read."`
	KafkaTopicStats        string        `key:"KAFKA_TOPIC_STATS" default:"netlyra.stats" help:"Topic of the statistics of each process."`
	KafkaTopicScores       string        `key:"KAFKA_TOPIC_SCORES" default:"netlyra.scores" help:"Topic of sampled scores for live views."`
	KafkaGroupEngine       string        `key:"KAFKA_GROUP_ENGINE" default:"netlyra-engine" help:"Consumer group of the engines."`
	KafkaGroupCore         string        `key:"KAFKA_GROUP_CORE" default:"netlyra-core" help:"Consumer group of the recorder."`
	KafkaSessionTimeout    time.Duration `key:"KAFKA_SESSION_TIMEOUT" default:"6s" min:"500ms" max:"5m" help:"Time without a heartbeat after which an engine or core is considered dead and another takes over. Kafka's default minimum is 6s (group.min.session.timeout.ms). A wrong decision causes no errors, because takeover is exact."`
	GroupInstanceID        string        `key:"GROUP_INSTANCE_ID" default:"" help:"Unique name of this process in its consumer groups (static membership). After a restart within KAFKA_SESSION_TIMEOUT it keeps its partitions without a rebalance; empty joins as a new member."`
	KafkaReplication       int           `key:"KAFKA_REPLICATION" default:"0" min:"0" max:"32767" unit:"copies" help:"Replication factor of topics that NetLyra creates; 0 uses the cluster's default."`
	KafkaMinInsyncReplicas int           `key:"KAFKA_MIN_INSYNC_REPLICAS" default:"0" min:"0" max:"32767" unit:"copies" help:"Replicas that must store a record before it is acknowledged, in topics that NetLyra creates; 0 uses the cluster's default."`
	KafkaTLS               bool          `key:"KAFKA_TLS" default:"false" help:"Use TLS for connections to the brokers."`
	KafkaTLSCA             string        `key:"KAFKA_TLS_CA" name:"kafka-tls-ca" default:"" unit:"FILE" help:"PEM file of the authority that signed the brokers' certificates; empty uses the system's authorities."`
	KafkaTLSCert           string        `key:"KAFKA_TLS_CERT" name:"kafka-tls-cert" default:"" unit:"FILE" help:"PEM file of the client certificate."`
	KafkaTLSKey            string        `key:"KAFKA_TLS_KEY" name:"kafka-tls-key" default:"" unit:"FILE" help:"PEM file of the client certificate's private key."`
	KafkaTLSServerName     string        `key:"KAFKA_TLS_SERVER_NAME" name:"kafka-tls-server-name" default:"" help:"Name expected in the brokers' certificates; empty uses the host of each broker."`
	KafkaSASLMechanism     string        `key:"KAFKA_SASL_MECHANISM" name:"kafka-sasl-mechanism" default:"none" oneof:"none,plain,scram-sha-256,scram-sha-512" help:"SASL mechanism for the brokers."`
	KafkaSASLUser          string        `key:"KAFKA_SASL_USER" default:"" help:"SASL user name."`
	KafkaSASLPassword      Secret        `key:"KAFKA_SASL_PASSWORD" default:"" help:"SASL password. Set it in .env or the environment, because other users can see flags."`
}

// Packets configures the packets topic and its producer.
type Packets struct {
	PacketsPartitions     int           `key:"PACKETS_PARTITIONS" default:"1" min:"1" max:"1024" unit:"partitions" help:"Partitions of the packets topic if NetLyra creates it. Alerts do not depend on their number; several distribute the load over the brokers of a cluster."`
	PacketsEncoding       string        `key:"PACKETS_ENCODING" default:"json" oneof:"json,packed" help:"Encoding of packets: json (one record per packet) or packed (many packets per record as Protobuf columns, faster)."`
	PacketNames           string        `key:"PACKET_NAMES" default:"hashed" oneof:"full,hashed,off" help:"What packets record of DNS, TLS and HTTP names: hashed (hashes, lengths and entropy), full (the text too) or off."`
	PacketsRetentionBytes Bytes         `key:"PACKETS_RETENTION_BYTES" default:"1GiB" min:"16MiB" help:"Total size of the packets topic above which its oldest records are deleted."`
	PacketsRetention      time.Duration `key:"PACKETS_RETENTION" default:"1h" min:"1m" help:"Age at which packets are deleted from their topic. The memory of the embedded broker grows with it."`
	PacketsProducer       string        `key:"PACKETS_PRODUCER" default:"" help:"Name under which packets of files are numbered. A replay that is repeated with the same name causes no duplicates, because the engine skips packets that it has processed. Empty uses a new name each time."`
	ProducerLinger        time.Duration `key:"PRODUCER_LINGER" default:"5ms" min:"0" max:"1s" help:"Maximum time that a record waits for others of its batch; 0 doubles the CPU time."`
}

// Capture configures the packet source.
type Capture struct {
	CaptureIface       string `key:"CAPTURE_IFACE" name:"iface" default:"" unit:"NAME" help:"Network interface to capture from; empty if the source is a file or demo traffic."`
	CaptureFilter      string `key:"CAPTURE_FILTER" name:"filter" default:"" unit:"EXPR" help:"Capture only packets that match this tcpdump expression."`
	CaptureSnaplen     int    `key:"CAPTURE_SNAPLEN" name:"snaplen" default:"262144" min:"64" max:"262144" unit:"bytes" help:"Maximum number of bytes to capture of each frame."`
	CapturePromiscuous bool   `key:"CAPTURE_PROMISCUOUS" name:"promiscuous" negatable:"" default:"true" help:"Capture frames that are addressed to other hosts."`
	CaptureRingBytes   Bytes  `key:"CAPTURE_RING_BYTES" default:"64MiB" min:"1MiB" max:"1GiB" help:"Size of the ring buffer between the kernel and NetLyra."`
	CaptureOwnPorts    bool   `key:"CAPTURE_OWN_PORTS" default:"false" help:"Capture NetLyra's own traffic (API, WebSocket, brokers) too."`
	VerifyChecksums    bool   `key:"VERIFY_CHECKSUMS" default:"false" help:"Skip packets with an incorrect checksum. Network cards with checksum offloading cause incorrect checksums in captures."`
}

// Conn configures connection tracking.
type Conn struct {
	ConnMax         int           `key:"CONN_MAX" default:"1048576" min:"1" max:"268435456" unit:"connections" help:"Maximum number of tracked connections; at the limit the least useful connection is evicted."`
	ConnTCPTimeout  time.Duration `key:"CONN_TCP_TIMEOUT" default:"5m" min:"1s" max:"7d" help:"Time without packets after which a TCP connection has ended, in event time."`
	ConnUDPTimeout  time.Duration `key:"CONN_UDP_TIMEOUT" default:"1m" min:"1s" max:"7d" help:"Time without packets after which a UDP exchange has ended, in event time."`
	ConnICMPTimeout time.Duration `key:"CONN_ICMP_TIMEOUT" default:"1m" min:"1s" max:"7d" help:"Time without packets after which an ICMP exchange has ended, in event time."`
}

// Detect configures scoring and alerting.
type Detect struct {
	AnomalyThreshold        float64       `key:"ANOMALY_THRESHOLD" default:"0.8" min:"0" max:"1" help:"Score at which a behavior of a host or segment starts an alert. With 0.8, an ordinary host reaches the limit of a behavior in one of ten thousand minutes."`
	AlertBudgetPerDay       float64       `key:"ALERT_BUDGET_PER_DAY" default:"0" min:"0" max:"1000000" unit:"alerts" help:"Number of false alerts a day that is acceptable: limits of behaviors become stricter with the size of the network. Also the maximum number of alerts that start in 24 hours, half of them at once, and weak ones only while a quarter is left; 0 disables the budget."`
	PriorFile               string        `key:"PRIOR_FILE" default:"" unit:"FILE" help:"Reference of behaviors made from your own captures with netlyra prior build; empty uses the built-in one. Must be equal for all engines of a cluster."`
	WarmupPackets           int           `key:"WARMUP_PACKETS" default:"50" min:"2" max:"1000000" unit:"packets" help:"Packets that are learned without being scored at start."`
	EngineLanes             int           `key:"ENGINE_LANES" default:"1" min:"1" max:"1024" unit:"models" help:"Number of models that share the partitions of the packets topic. With one, one model learns from all traffic, and additional engines are on standby. With more, that many engines can work in parallel, and each model learns only from the sources in its partitions."`
	HSTSeed                 int64         `key:"HST_SEED" default:"1" help:"Seed of the trees; must be equal for all engines of a cluster."`
	HSTTrees                int           `key:"HST_TREES" default:"25" min:"1" max:"500" unit:"trees" help:"Half-space trees per forest."`
	HSTDepth                int           `key:"HST_DEPTH" default:"8" min:"1" max:"15" unit:"levels" help:"Depth of a tree."`
	HSTWindow               int           `key:"HST_WINDOW" default:"256" min:"16" max:"65536" unit:"packets" help:"Learned points after which the trees update their reference profile."`
	EpisodeQuiet            time.Duration `key:"EPISODE_QUIET" default:"2m" min:"1s" max:"1d" help:"Time without evidence after which an episode ends, in event time. A later episode of the same host and kind within a day continues its alert."`
	CheckpointEvery         time.Duration `key:"CHECKPOINT_EVERY" default:"10s" min:"100ms" max:"1h" help:"Interval at which an engine saves the state of each model."`
	CheckpointKeyframes     int           `key:"CHECKPOINT_KEYFRAMES" default:"12" min:"0" max:"24" unit:"checkpoints" help:"Older checkpoints that are kept for explain --verify and backtest; each has the size of a model."`
	CheckpointKeyframeEvery time.Duration `key:"CHECKPOINT_KEYFRAME_EVERY" default:"5m" min:"1s" max:"7d" help:"Minimum interval between two of them. With dense traffic, which is retained for a shorter time, one is kept every million packets."`
}

// Process configures the process: logs, memory and the file of settings.
type Process struct {
	LogLevel    string    `key:"LOG_LEVEL" default:"info" oneof:"debug,info,warn,error" help:"Minimum log level."`
	LogFormat   string    `key:"LOG_FORMAT" default:"auto" oneof:"auto,text,json" help:"Log format; auto is text on a terminal and JSON otherwise."`
	MemoryLimit Bytes     `key:"MEMORY_LIMIT" default:"1GiB" min:"0" help:"Memory above which the garbage collector runs more often; 0 disables the limit."`
	GOGC        GCPercent `key:"GOGC" default:"400" min:"-1" max:"10000" unit:"percent" help:"Heap growth between two garbage collections, or off."`
	EnvFile     string    `name:"env-file" default:".env" unit:"FILE" help:"File of settings, one KEY=VALUE per line; the default file is optional."`
}
