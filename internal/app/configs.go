package app

import (
	"log/slog"
	"net"
	"runtime"
	"strconv"
	"time"

	"github.com/netlyra/netlyra/engine"
	"github.com/netlyra/netlyra/internal/bus"
	"github.com/netlyra/netlyra/internal/bus/embedded"
	"github.com/netlyra/netlyra/internal/capture"
	"github.com/netlyra/netlyra/internal/config"
	"github.com/netlyra/netlyra/internal/conntrack"
	"github.com/netlyra/netlyra/internal/decode"
	"github.com/netlyra/netlyra/internal/httpserver"
	"github.com/netlyra/netlyra/internal/live"
	"github.com/netlyra/netlyra/internal/store"
)

// Each function here says which settings reach which component; what has no setting
// keeps the component's default.

func brokerConfig(cfg *config.Config, listen string, log *slog.Logger) embedded.Config {
	c := embedded.DefaultConfig()
	c.DataDir, c.Listen, c.Log = cfg.DataDir, listen, log
	c.MaxConnections, c.MaxRequestBytes = cfg.BrokerMaxConnections, int(cfg.BrokerMaxRequestBytes)
	if cfg.KafkaSASLMechanism != "none" { // what clients are told to log in with
		c.Login = embedded.Login{Mechanism: cfg.KafkaSASLMechanism, User: cfg.KafkaSASLUser, Password: string(cfg.KafkaSASLPassword)}
	}
	return c
}

func busConfig(cfg *config.Config, brokers []string) bus.Config {
	c := bus.DefaultConfig()
	c.Brokers = brokers
	c.Topics = bus.Topics{
		Packets: cfg.KafkaTopicPackets, Alerts: cfg.KafkaTopicAlerts, Connections: cfg.KafkaTopicConnections,
		Models: cfg.KafkaTopicModels, Checkpoints: cfg.KafkaTopicCheckpoints, DeadLetters: cfg.KafkaTopicDeadLetters,
		Stats: cfg.KafkaTopicStats, Scores: cfg.KafkaTopicScores,
	}
	c.EngineGroup, c.CoreGroup, c.SessionTimeout = cfg.KafkaGroupEngine, cfg.KafkaGroupCore, cfg.KafkaSessionTimeout
	c.Partitions = int32(cfg.PacketsPartitions)
	c.Encoding, c.Linger = cfg.PacketsEncoding, cfg.ProducerLinger
	c.PacketsRetentionBytes, c.PacketsRetention = int64(cfg.PacketsRetentionBytes), cfg.PacketsRetention
	c.InstanceID, c.MinInsyncReplicas = cfg.GroupInstanceID, int16(cfg.KafkaMinInsyncReplicas)
	if cfg.KafkaReplication > 0 {
		c.Replication = int16(cfg.KafkaReplication)
	}
	c.TLS = bus.TLS{
		Enabled: cfg.KafkaTLS, CAFile: cfg.KafkaTLSCA, CertFile: cfg.KafkaTLSCert, KeyFile: cfg.KafkaTLSKey,
		ServerName: cfg.KafkaTLSServerName,
	}
	if cfg.KafkaSASLMechanism != "none" {
		c.SASL = bus.SASL{Mechanism: cfg.KafkaSASLMechanism, User: cfg.KafkaSASLUser, Password: string(cfg.KafkaSASLPassword)}
	}
	return c
}

func checkpointConfig(cfg *config.Config) bus.CheckpointConfig {
	c := bus.DefaultCheckpointConfig()
	c.Keyframes, c.Every = cfg.CheckpointKeyframes, cfg.CheckpointKeyframeEvery
	return c
}

func decodeConfig(cfg *config.Config) decode.Config {
	c := decode.DefaultConfig()
	c.VerifyChecksums = cfg.VerifyChecksums
	return c
}

func conntrackConfig(cfg *config.Config) conntrack.Config {
	c := conntrack.DefaultConfig()
	c.Connections, c.VerifyChecksums = cfg.ConnMax, cfg.VerifyChecksums
	c.TCPInactivity, c.UDPInactivity, c.ICMPInactivity = cfg.ConnTCPTimeout, cfg.ConnUDPTimeout, cfg.ConnICMPTimeout
	return c
}

func captureOptions(cfg *config.Config, brokers []string, log *slog.Logger) capture.Options {
	o := capture.DefaultOptions()
	o.Filter, o.SnapLen, o.Promiscuous = cfg.CaptureFilter, cfg.CaptureSnaplen, cfg.CapturePromiscuous
	o.RingBytes, o.Log, o.Decodes = int(cfg.CaptureRingBytes), log, decode.Link
	if !cfg.CaptureOwnPorts {
		o.ExcludePorts = ownPorts(cfg, brokers)
	}
	return o
}

// engineConfig is for a packets topic of so many partitions.
func engineConfig(cfg *config.Config, partitions int32) engine.Config {
	c := engine.DefaultConfig()
	c.TopicPartitions, c.Lanes = partitions, cfg.EngineLanes
	c.Threshold, c.WarmupPackets = cfg.AnomalyThreshold, cfg.WarmupPackets
	c.AlertsPerDay = cfg.AlertBudgetPerDay / float64(c.Working()) // each has its share
	c.Seed, c.Trees, c.Depth, c.Window = uint64(cfg.HSTSeed), cfg.HSTTrees, cfg.HSTDepth, cfg.HSTWindow
	c.Quiet, c.CheckpointEvery, c.Group = cfg.EpisodeQuiet, cfg.CheckpointEvery, cfg.KafkaGroupEngine
	c.ScoresEvery = scoresEvery
	return c
}

// scoresEvery is how long a scored packet may wait for the live view: less than a frame
// of a 60 Hz screen.
const scoresEvery = 5 * time.Millisecond

func storeConfig(cfg *config.Config) store.Config {
	c := store.DefaultConfig()
	c.Readers = searches(cfg) + quickReaders
	c.Path, c.MaxBytes = cfg.DBPath, int64(cfg.DBMaxBytes)
	c.MaxAge, c.ConnectionMaxAge = cfg.AlertRetention, cfg.ConnectionRetention
	return c
}

// searches is how many run at once: where nothing is set, half of the processors are
// left for the pipeline and for the queries that are none.
func searches(cfg *config.Config) int {
	if cfg.APIMaxSearches > 0 {
		return cfg.APIMaxSearches
	}
	return min(max(runtime.GOMAXPROCS(0)/2, 1), 32)
}

// quickReaders are the database connections that searches leave for other queries.
const quickReaders = 4

func liveConfig(cfg *config.Config) live.Config {
	c := live.DefaultConfig()
	c.Addr = net.JoinHostPort(cfg.APIHost, strconv.Itoa(cfg.WSPort))
	c.Access, c.AllowedOrigins, c.MaxClients = accessConfig(cfg), cfg.WSAllowedOrigins, cfg.WSMaxClients
	return c
}

func accessConfig(cfg *config.Config) httpserver.Access {
	return httpserver.Access{
		AllowedHosts: cfg.APIAllowedHosts, TrustedProxies: cfg.TrustedProxies, BasePath: cfg.APIBasePath, PublicURL: cfg.PublicURL,
	}
}
