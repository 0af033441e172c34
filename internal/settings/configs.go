package settings

import (
	"fmt"
	"log/slog"
	"net"
	"runtime"
	"strconv"
	"time"

	"github.com/netlyra/netlyra/engine"
	"github.com/netlyra/netlyra/engine/reference"
	"github.com/netlyra/netlyra/internal/bus/checkpoint"
	"github.com/netlyra/netlyra/internal/bus/client"
	"github.com/netlyra/netlyra/internal/bus/embedded"
	"github.com/netlyra/netlyra/internal/capture"
	"github.com/netlyra/netlyra/internal/config"
	"github.com/netlyra/netlyra/internal/conntrack"
	"github.com/netlyra/netlyra/internal/decode"
	"github.com/netlyra/netlyra/internal/httpserver"
	"github.com/netlyra/netlyra/internal/live"
	"github.com/netlyra/netlyra/internal/models/names"
	"github.com/netlyra/netlyra/internal/store"
)

// Broker returns the configuration of the embedded broker that listens on listen.
func Broker(cfg *config.Config, listen string, log *slog.Logger) embedded.Config {
	c := embedded.DefaultConfig()
	c.DataDir, c.Listen, c.Log = cfg.DataDir, listen, log
	c.MaxConnections, c.MaxRequestBytes = cfg.BrokerMaxConnections, int(cfg.BrokerMaxRequestBytes)
	if cfg.KafkaSASLMechanism != "none" { // the login that clients must use
		c.Login = embedded.Login{Mechanism: cfg.KafkaSASLMechanism, User: cfg.KafkaSASLUser, Password: string(cfg.KafkaSASLPassword)}
	}
	return c
}

// Bus returns the configuration of a client of these brokers.
func Bus(cfg *config.Config, brokers []string) client.Config {
	c := client.DefaultConfig()
	c.Brokers = brokers
	c.Topics = client.Topics{
		Packets: cfg.KafkaTopicPackets, Alerts: cfg.KafkaTopicAlerts, Connections: cfg.KafkaTopicConnections,
		Checkpoints: cfg.KafkaTopicCheckpoints, DeadLetters: cfg.KafkaTopicDeadLetters,
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
	c.TLS = client.TLS{
		Enabled: cfg.KafkaTLS, CAFile: cfg.KafkaTLSCA, CertFile: cfg.KafkaTLSCert, KeyFile: cfg.KafkaTLSKey,
		ServerName: cfg.KafkaTLSServerName,
	}
	if cfg.KafkaSASLMechanism != "none" {
		c.SASL = client.SASL{Mechanism: cfg.KafkaSASLMechanism, User: cfg.KafkaSASLUser, Password: string(cfg.KafkaSASLPassword)}
	}
	return c
}

// Checkpoints returns the configuration of the checkpoints topic.
func Checkpoints(cfg *config.Config) checkpoint.Config {
	c := checkpoint.DefaultConfig()
	c.Keyframes, c.Every = cfg.CheckpointKeyframes, cfg.CheckpointKeyframeEvery
	return c
}

// Decode returns the configuration of a decoder.
func Decode(cfg *config.Config) decode.Config {
	c := decode.DefaultConfig()
	c.VerifyChecksums, c.Names = cfg.VerifyChecksums, nameMode(cfg)
	return c
}

// nameMode returns what packets record of names; the loader has checked the setting.
func nameMode(cfg *config.Config) names.Mode {
	m, _ := names.Parse(cfg.PacketNames)
	return m
}

// Conntrack returns the configuration of a connection table.
func Conntrack(cfg *config.Config) conntrack.Config {
	c := conntrack.DefaultConfig()
	c.Connections, c.VerifyChecksums, c.Names = cfg.ConnMax, cfg.VerifyChecksums, nameMode(cfg)
	c.TCPInactivity, c.UDPInactivity, c.ICMPInactivity = cfg.ConnTCPTimeout, cfg.ConnUDPTimeout, cfg.ConnICMPTimeout
	return c
}

// Capture returns the options for opening a source; live capture excludes the ports of
// NetLyra itself and of these brokers.
func Capture(cfg *config.Config, brokers []string, log *slog.Logger) capture.Options {
	o := capture.DefaultOptions()
	o.Filter, o.SnapLen, o.Promiscuous = cfg.CaptureFilter, cfg.CaptureSnaplen, cfg.CapturePromiscuous
	o.RingBytes, o.Log, o.Decodes = int(cfg.CaptureRingBytes), log, decode.Link
	if !cfg.CaptureOwnPorts {
		o.ExcludePorts = ownPorts(cfg, brokers)
	}
	return o
}

// Engine returns the configuration of an engine for a packets topic with this many partitions.
// The error names a PRIOR_FILE that is missing or invalid.
func Engine(cfg *config.Config, partitions int32) (c engine.Config, err error) {
	c = engine.DefaultConfig()
	if c.Reference, _, err = Reference(cfg); err != nil {
		return c, err
	}
	c.TopicPartitions, c.Lanes = partitions, cfg.EngineLanes
	c.Threshold, c.WarmupPackets = cfg.AnomalyThreshold, cfg.WarmupPackets
	c.AlertsPerDay = cfg.AlertBudgetPerDay / float64(c.Working()) // lanes share the budget
	c.Seed, c.Trees, c.Depth, c.Window = uint64(cfg.HSTSeed), cfg.HSTTrees, cfg.HSTDepth, cfg.HSTWindow
	c.Quiet, c.CheckpointEvery, c.Group = cfg.EpisodeQuiet, cfg.CheckpointEvery, cfg.KafkaGroupEngine
	c.ScoresEvery = scoresEvery
	return c, nil
}

// Reference reads PRIOR_FILE; nil is the built-in reference. unknown has the names of behaviors
// in the file that this version ignores. The error names the file.
func Reference(cfg *config.Config) (r *reference.Reference, unknown []string, err error) {
	if cfg.PriorFile == "" {
		return nil, nil, nil
	}
	f, unknown, err := reference.Read(cfg.PriorFile)
	if err != nil {
		return nil, nil, fmt.Errorf("PRIOR_FILE: %w", err)
	}
	return f.Reference(), unknown, nil
}

// scoresEvery is how long a score may wait before it is sent to the live view: less than
// a frame of a 60 Hz screen.
const scoresEvery = 5 * time.Millisecond

// Store returns the configuration of the database.
func Store(cfg *config.Config) store.Config {
	c := store.DefaultConfig()
	c.Readers = Searches(cfg) + quickReaders
	c.Path, c.MaxBytes = cfg.DBPath, int64(cfg.DBMaxBytes)
	c.MaxAge, c.ConnectionMaxAge = cfg.AlertRetention, cfg.ConnectionRetention
	return c
}

// Searches returns how many searches of the API run at once. By default they use half of
// the processors and leave the others to the pipeline and to quick queries.
func Searches(cfg *config.Config) int {
	if cfg.APIMaxSearches > 0 {
		return cfg.APIMaxSearches
	}
	return min(max(runtime.GOMAXPROCS(0)/2, 1), 32)
}

// quickReaders is how many database connections are reserved for queries other than searches.
const quickReaders = 4

// Live returns the configuration of the WebSocket server.
func Live(cfg *config.Config) live.Config {
	c := live.DefaultConfig()
	c.Addr = net.JoinHostPort(cfg.APIHost, strconv.Itoa(cfg.WSPort))
	c.Access, c.AllowedOrigins, c.MaxClients = Access(cfg), cfg.WSAllowedOrigins, cfg.WSMaxClients
	return c
}

// Access returns who may use the HTTP servers, by host, origin and proxy.
func Access(cfg *config.Config) httpserver.Access {
	return httpserver.Access{
		AllowedHosts: cfg.APIAllowedHosts, TrustedProxies: cfg.TrustedProxies, BasePath: cfg.APIBasePath, PublicURL: cfg.PublicURL,
	}
}

// ownPorts returns the ports that NetLyra itself uses.
func ownPorts(cfg *config.Config, brokers []string) (ports []uint16) {
	add := func(p int) {
		if p > 0 && p < 65536 {
			ports = append(ports, uint16(p))
		}
	}
	add(cfg.APIPort)
	add(cfg.WSPort)
	for _, b := range brokers {
		if _, port, err := net.SplitHostPort(b); err == nil {
			p, _ := strconv.Atoi(port)
			add(p)
		}
	}
	return ports
}
