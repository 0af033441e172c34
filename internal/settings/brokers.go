package settings

import (
	"errors"
	"fmt"

	"github.com/netlyra/netlyra/internal/bus/embedded"
	"github.com/netlyra/netlyra/internal/config"
)

// AnyPort makes the embedded broker listen on a free port of this host, for use by this
// process alone.
const AnyPort = "127.0.0.1:0"

// ErrNoBrokers is returned to roles that do not start a broker themselves.
var ErrNoBrokers = errors.New("KAFKA_BROKERS is empty: name the brokers of a cluster, or start one here with 'netlyra broker' and set KAFKA_BROKERS=127.0.0.1:9092")

// RunningBrokers returns the configured brokers, or else the embedded broker that another
// process runs on DATA_DIR.
func RunningBrokers(cfg *config.Config) ([]string, error) {
	if len(cfg.KafkaBrokers) > 0 {
		return cfg.KafkaBrokers, nil
	}
	addr, err := embedded.Running(cfg.DataDir)
	if err != nil {
		return nil, err
	}
	if addr == "" {
		return nil, fmt.Errorf("no embedded broker runs on %s (start 'netlyra up'), and %w", cfg.DataDir, ErrNoBrokers)
	}
	return []string{addr}, nil
}

// Topic returns the full name of a topic from its short name (packets, alerts, …).
func Topic(cfg *config.Config, name string) (string, error) {
	topics := map[string]string{
		"packets": cfg.KafkaTopicPackets, "alerts": cfg.KafkaTopicAlerts, "connections": cfg.KafkaTopicConnections,
		"dead-letters": cfg.KafkaTopicDeadLetters, "stats": cfg.KafkaTopicStats, "scores": cfg.KafkaTopicScores,
	}
	if t, ok := topics[name]; ok {
		return t, nil
	}
	return "", fmt.Errorf("no topic %q", name)
}
