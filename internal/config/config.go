package config

import "time"

// Config is every setting of NetLyra. Its groups can be embedded one by one in a
// command that takes only some of the flags.
type Config struct {
	Server  `embed:"" group:"Page and API"`
	Storage `embed:"" group:"Storage"`
	Broker  `embed:"" group:"Embedded broker"`
	Kafka   `embed:"" group:"Kafka"`
	Packets `embed:"" group:"Packets topic"`
	Capture `embed:"" group:"Capture"`
	Conn    `embed:"" group:"Connections"`
	Detect  `embed:"" group:"Detection"`
	Process `embed:"" group:"Process"`
}

// Server is where the page, the API and the WebSocket listen.
type Server struct {
	APIHost           string   `key:"API_HOST" default:"127.0.0.1" help:"Address to listen on; 0.0.0.0 lets the whole network in, and there is no log-in."`
	APIPort           int      `key:"API_PORT" default:"8090" min:"0" max:"65535" help:"Port of the page, the REST API and the metrics; 0 takes any free one."`
	WSPort            int      `key:"WS_PORT" default:"8091" min:"0" max:"65535" help:"Port of the WebSocket; 0 takes any free one."`
	APIAllowedHosts   []string `key:"API_ALLOWED_HOSTS" default:"" unit:"NAME,…" help:"Hosts (names or addresses) by which this machine is reached, besides its own names and addresses; requests for any other Host are refused."`
	WSAllowedOrigins  []string `key:"WS_ALLOWED_ORIGINS" default:"" unit:"NAME,…" help:"Hosts of pages that may open the WebSocket, besides NetLyra's own page."`
	PublicURL         string   `key:"PUBLIC_URL" name:"public-url" default:"" unit:"URL" help:"Address of the page behind a reverse proxy, such as https://noc.example/netlyra/; empty where there is none. Its host is allowed, and its path is the default of API_BASE_PATH."`
	PublicWSURL       string   `key:"PUBLIC_WS_URL" name:"public-ws-url" default:"" unit:"URL" help:"Address of the WebSocket for the page, ws:// or wss://; empty where it is at /ws below the page, as on API_PORT."`
	APIBasePath       string   `key:"API_BASE_PATH" default:"" unit:"PATH" help:"Path under which a reverse proxy serves the page, such as /netlyra; it works whether the proxy strips the path or not."`
	TrustedProxies    []string `key:"TRUSTED_PROXIES" default:"" unit:"CIDR,…" help:"Addresses of reverse proxies whose Forwarded and X-Forwarded-For, -Proto, -Host and -Prefix headers are believed; from all others they are ignored."`
	APIMaxConnections int      `key:"API_MAX_CONNECTIONS" default:"1024" min:"4" max:"1000000" unit:"connections" help:"Connections on API_PORT that may be open at once; one address can have three quarters of them. More are refused with 503."`
	APIMaxSearches    int      `key:"API_MAX_SEARCHES" default:"0" min:"0" max:"32" unit:"queries" help:"Queries with filters, other orders or deep pages that run at once; some more wait, the rest are answered by 503. 0 is half of the processors, at least 1."`
	WSMaxClients      int      `key:"WS_MAX_CLIENTS" default:"256" min:"1" max:"1000000" unit:"clients" help:"WebSocket clients that may be connected at once, on both ports; more are refused with 503."`
}

// Storage is what is kept on disk and for how long.
type Storage struct {
	DBPath              string        `key:"DB_PATH" default:"data/netlyra.db" help:"SQLite file with alerts and connections."`
	DBMaxBytes          Bytes         `key:"DB_MAX_BYTES" default:"4GiB" min:"0" help:"Size above which the oldest connections, then the oldest alerts, are deleted; 0 sets no limit."`
	AlertRetention      time.Duration `key:"ALERT_RETENTION" default:"90d" min:"0" help:"Age at which alerts are deleted; 0 keeps them."`
	ConnectionRetention time.Duration `key:"CONNECTION_RETENTION" default:"7d" min:"0" help:"Age at which ended connections are deleted; 0 keeps them."`
	DataDir             string        `key:"DATA_DIR" default:"data" help:"Directory of the embedded broker's log."`
}

// Broker is what the embedded broker takes from clients.
type Broker struct {
	BrokerMaxConnections  int   `key:"BROKER_MAX_CONNECTIONS" default:"0" min:"0" max:"100000" unit:"connections" help:"Connections to the embedded broker at a time; when all are taken the least useful one makes room. 0 is half of the file descriptors, at most 1024."`
	BrokerMaxRequestBytes Bytes `key:"BROKER_MAX_REQUEST_BYTES" default:"32MiB" min:"1MiB" max:"256MiB" help:"Size of a request above which the embedded broker closes the connection."`
}

// Kafka is the cluster, its topics and groups.
type Kafka struct {
	KafkaBrokers           []string      `key:"KAFKA_BROKERS" default:"" unit:"HOST:PORT,…" help:"Brokers of a Kafka-protocol cluster, separated by commas; empty starts the embedded broker."`
	KafkaTopicPackets      string        `key:"KAFKA_TOPIC_PACKETS" default:"netlyra.packets" help:"Topic of packets."`
	KafkaTopicAlerts       string        `key:"KAFKA_TOPIC_ALERTS" default:"netlyra.alerts" help:"Topic of alerts."`
	KafkaTopicConnections  string        `key:"KAFKA_TOPIC_CONNECTIONS" default:"netlyra.connections" help:"Topic of connections."`
	KafkaTopicModels       string        `key:"KAFKA_TOPIC_MODELS" default:"netlyra.models" help:"Topic of what the engines of a cluster have learned."`
	KafkaTopicCheckpoints  string        `key:"KAFKA_TOPIC_CHECKPOINTS" default:"netlyra.checkpoints" help:"Compacted topic of engine states."`
	KafkaTopicDeadLetters  string        `key:"KAFKA_TOPIC_DEAD_LETTERS" default:"netlyra.dead-letters" help:"Topic of records that could not be read."`
	KafkaTopicStats        string        `key:"KAFKA_TOPIC_STATS" default:"netlyra.stats" help:"Topic of what each process counts."`
	KafkaTopicScores       string        `key:"KAFKA_TOPIC_SCORES" default:"netlyra.scores" help:"Topic of sampled scores for the live view."`
	KafkaGroupEngine       string        `key:"KAFKA_GROUP_ENGINE" default:"netlyra-engine" help:"Consumer group of the engines."`
	KafkaGroupCore         string        `key:"KAFKA_GROUP_CORE" default:"netlyra-core" help:"Consumer group of the recorder."`
	KafkaSessionTimeout    time.Duration `key:"KAFKA_SESSION_TIMEOUT" default:"6s" min:"500ms" max:"5m" help:"Silence after which an engine or a core counts as dead and another takes over; 6s is the least that Kafka allows (group.min.session.timeout.ms), and being wrong about a death costs little, for taking over is exact."`
	GroupInstanceID        string        `key:"GROUP_INSTANCE_ID" default:"" help:"Name of this process in its consumer groups, unlike that of any other; started again under it within KAFKA_SESSION_TIMEOUT it has the partitions that it had, and no other member is disturbed; empty joins anew each time."`
	KafkaReplication       int           `key:"KAFKA_REPLICATION" default:"0" min:"0" max:"32767" unit:"copies" help:"Replicas of topics that NetLyra creates; 0 leaves it to the cluster."`
	KafkaMinInsyncReplicas int           `key:"KAFKA_MIN_INSYNC_REPLICAS" default:"0" min:"0" max:"32767" unit:"copies" help:"Replicas that must have a record before it is acknowledged, in topics that NetLyra creates; 0 leaves it to the cluster."`
	KafkaTLS               bool          `key:"KAFKA_TLS" default:"false" help:"Talk TLS to the brokers."`
	KafkaTLSCA             string        `key:"KAFKA_TLS_CA" name:"kafka-tls-ca" default:"" unit:"FILE" help:"PEM file of the authority that signed the brokers' certificates; empty trusts the system's."`
	KafkaTLSCert           string        `key:"KAFKA_TLS_CERT" name:"kafka-tls-cert" default:"" unit:"FILE" help:"PEM file of the client certificate."`
	KafkaTLSKey            string        `key:"KAFKA_TLS_KEY" name:"kafka-tls-key" default:"" unit:"FILE" help:"PEM file of the client certificate's private key."`
	KafkaTLSServerName     string        `key:"KAFKA_TLS_SERVER_NAME" name:"kafka-tls-server-name" default:"" help:"Name expected in the brokers' certificates; empty takes the host of each broker."`
	KafkaSASLMechanism     string        `key:"KAFKA_SASL_MECHANISM" name:"kafka-sasl-mechanism" default:"none" oneof:"none,plain,scram-sha-256,scram-sha-512" help:"How to log in to the brokers."`
	KafkaSASLUser          string        `key:"KAFKA_SASL_USER" default:"" help:"User name at the brokers."`
	KafkaSASLPassword      Secret        `key:"KAFKA_SASL_PASSWORD" default:"" help:"Password at the brokers; better in .env or the environment than as a flag, which others can see."`
}

// Packets is how packets are written to their topic.
type Packets struct {
	PacketsPartitions     int           `key:"PACKETS_PARTITIONS" default:"1" min:"1" max:"1024" unit:"partitions" help:"Partitions of the packets topic where NetLyra creates it. What is found does not depend on their number; several spread the load over the brokers of a cluster."`
	PacketsEncoding       string        `key:"PACKETS_ENCODING" default:"json" oneof:"json,packed" help:"One JSON record a packet, or batches of packets as Protobuf columns, which is faster."`
	PacketsRetentionBytes Bytes         `key:"PACKETS_RETENTION_BYTES" default:"1GiB" min:"16MiB" help:"Size of the packets topic, all partitions together, above which its oldest records are deleted."`
	PacketsRetention      time.Duration `key:"PACKETS_RETENTION" default:"1h" min:"1m" help:"Age at which packets are deleted from their topic; the embedded broker needs memory for as long."`
	PacketsProducer       string        `key:"PACKETS_PRODUCER" default:"" help:"Name under which the packets of files are numbered. A replay that was cut off and is started again under the same name repeats nothing: the engine leaves out what it had before. Empty is a new name each time."`
	ProducerLinger        time.Duration `key:"PRODUCER_LINGER" default:"5ms" min:"0" max:"1s" help:"How long a record may wait for others of its batch; 0 doubles the CPU time."`
}

// Capture is where packets come from.
type Capture struct {
	CaptureIface       string `key:"CAPTURE_IFACE" name:"iface" default:"" unit:"NAME" help:"Network interface to capture from; empty where a file or the demo is the source."`
	CaptureFilter      string `key:"CAPTURE_FILTER" name:"filter" default:"" unit:"EXPR" help:"Capture only what this tcpdump expression matches."`
	CaptureSnaplen     int    `key:"CAPTURE_SNAPLEN" name:"snaplen" default:"262144" min:"64" max:"262144" unit:"bytes" help:"Bytes of each frame to look at."`
	CapturePromiscuous bool   `key:"CAPTURE_PROMISCUOUS" name:"promiscuous" negatable:"" default:"true" help:"See frames that are addressed to others too."`
	CaptureRingBytes   Bytes  `key:"CAPTURE_RING_BYTES" default:"64MiB" min:"1MiB" max:"1GiB" help:"Ring buffer between the kernel and NetLyra."`
	CaptureOwnPorts    bool   `key:"CAPTURE_OWN_PORTS" default:"false" help:"Watch NetLyra's own traffic too (its API, WebSocket and brokers)."`
	VerifyChecksums    bool   `key:"VERIFY_CHECKSUMS" default:"false" help:"Leave out packets with a wrong checksum; network cards make wrong ones in captures."`
}

// Conn is the table of connections.
type Conn struct {
	ConnMax         int           `key:"CONN_MAX" default:"1048576" min:"1" max:"268435456" unit:"connections" help:"Connections tracked at once; above it the least useful one makes room."`
	ConnTCPTimeout  time.Duration `key:"CONN_TCP_TIMEOUT" default:"5m" min:"1s" max:"7d" help:"Silence after which a TCP connection has ended, in packet time."`
	ConnUDPTimeout  time.Duration `key:"CONN_UDP_TIMEOUT" default:"1m" min:"1s" max:"7d" help:"Silence after which a UDP exchange has ended, in packet time."`
	ConnICMPTimeout time.Duration `key:"CONN_ICMP_TIMEOUT" default:"1m" min:"1s" max:"7d" help:"Silence after which an ICMP exchange has ended, in packet time."`
}

// Detect is how packets are scored and when an alert is raised.
type Detect struct {
	AnomalyThreshold        float64       `key:"ANOMALY_THRESHOLD" default:"0.8" min:"0" max:"1" help:"Score from which on a packet raises an alert; 0.8 is one benign packet in ten thousand."`
	AlertBudgetPerDay       float64       `key:"ALERT_BUDGET_PER_DAY" default:"0" min:"0" max:"1000000" unit:"alerts" help:"Alerts a day that are enough: weaker ones are held back to keep to about that many; 0 is no limit."`
	WarmupPackets           int           `key:"WARMUP_PACKETS" default:"50" min:"2" max:"1000000" unit:"packets" help:"Packets that are only learned before the first score."`
	EngineLanes             int           `key:"ENGINE_LANES" default:"1" min:"1" max:"1024" unit:"models" help:"Models that share the partitions of the packets topic. With one, all traffic is judged by one model, whatever the number of partitions, and further engines stand by; with more, so many engines can work at once, and each learns only the sources of its own partitions."`
	HSTSeed                 int64         `key:"HST_SEED" default:"1" help:"Seed of the trees; all engines of one cluster need the same one."`
	HSTTrees                int           `key:"HST_TREES" default:"25" min:"1" max:"500" unit:"trees" help:"Half-space trees in a forest."`
	HSTDepth                int           `key:"HST_DEPTH" default:"8" min:"1" max:"15" unit:"levels" help:"Depth of a tree."`
	HSTWindow               int           `key:"HST_WINDOW" default:"256" min:"16" max:"1000000" unit:"packets" help:"Learned packets after which the trees take up what they learned."`
	EpisodeQuiet            time.Duration `key:"EPISODE_QUIET" default:"2m" min:"1s" max:"1d" help:"Quiet, in packet time, after which the next anomaly is a new alert."`
	CheckpointEvery         time.Duration `key:"CHECKPOINT_EVERY" default:"10s" min:"100ms" max:"1h" help:"How often an engine saves the state of each model."`
	CheckpointKeyframes     int           `key:"CHECKPOINT_KEYFRAMES" default:"12" min:"0" max:"24" unit:"checkpoints" help:"Checkpoints of the past that are kept for explain --verify and backtest; each is as large as a model."`
	CheckpointKeyframeEvery time.Duration `key:"CHECKPOINT_KEYFRAME_EVERY" default:"5m" min:"1s" max:"7d" help:"Least distance between two of these; dense traffic, which retention keeps for a shorter time, has them every million packets."`
}

// Process is the running program itself.
type Process struct {
	LogLevel    string    `key:"LOG_LEVEL" default:"info" oneof:"debug,info,warn,error" help:"Least level that is logged."`
	LogFormat   string    `key:"LOG_FORMAT" default:"auto" oneof:"auto,text,json" help:"Form of the log; auto is text on a terminal and JSON elsewhere."`
	MemoryLimit Bytes     `key:"MEMORY_LIMIT" default:"1GiB" min:"0" help:"Memory from which on the garbage collector works harder; 0 sets no limit."`
	GOGC        GCPercent `key:"GOGC" default:"400" min:"-1" max:"10000" unit:"percent" help:"Growth of the heap between two garbage collections, or off."`
	EnvFile     string    `name:"env-file" default:".env" unit:"FILE" help:"File of settings, one KEY=VALUE a line; it may be missing unless it is named."`
}
