package settings

import (
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/netlyra/netlyra/engine"
	"github.com/netlyra/netlyra/internal/config"
)

// configWith loads the defaults with these variables of the environment.
func configWith(t *testing.T, env map[string]string) *config.Config {
	t.Helper()
	cfg, _, err := config.Load(config.Sources{LookupEnv: func(key string) (string, bool) { v, ok := env[key]; return v, ok }})
	if err != nil {
		t.Fatal(err)
	}
	return cfg
}

// engineOf returns the configuration of an engine.
func engineOf(t *testing.T, cfg *config.Config, partitions int32) engine.Config {
	t.Helper()
	c, err := Engine(cfg, partitions)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// components returns the configurations of all components, each as one value.
func components(t *testing.T, cfg *config.Config) map[string]any {
	log := slog.New(slog.DiscardHandler)
	capture := Capture(cfg, []string{"broker:9092"}, log)
	capture.Log, capture.Decodes = nil, nil // functions are not comparable
	broker := Broker(cfg, AnyPort, nil)
	return map[string]any{
		"broker": broker, "bus": Bus(cfg, []string{"broker:9092"}), "checkpoints": Checkpoints(cfg), "decode": Decode(cfg),
		"conntrack": Conntrack(cfg), "capture": capture, "engine": engineOf(t, cfg, 4), "store": Store(cfg), "live": Live(cfg), "access": Access(cfg),
	}
}

// TestSettingsReachTheirComponents: each setting changes the configurations of exactly the
// components that it is for.
func TestSettingsReachTheirComponents(t *testing.T) {
	defaults := components(t, configWith(t, nil))
	prior := filepath.Join(t.TempDir(), "prior.json")
	if err := os.WriteFile(prior, []byte(`{"version":1,"values":{"calls":[5,9,15,21],"later":[]}}`), 0o600); err != nil {
		t.Fatal(err)
	}
	sasl := map[string]string{"KAFKA_SASL_MECHANISM": "plain", "KAFKA_SASL_USER": "u", "KAFKA_SASL_PASSWORD": "p"}
	for _, c := range []struct {
		env  map[string]string
		want []string
	}{
		{map[string]string{"API_HOST": "0.0.0.0"}, []string{"live"}},
		{map[string]string{"API_PORT": "7000"}, []string{"capture"}}, // its own port is not captured
		{map[string]string{"WS_PORT": "7001"}, []string{"capture", "live"}},
		{map[string]string{"API_ALLOWED_HOSTS": "noc.example"}, []string{"access", "live"}},
		{map[string]string{"TRUSTED_PROXIES": "10.0.0.0/8"}, []string{"access", "live"}},
		{map[string]string{"API_BASE_PATH": "/netlyra"}, []string{"access", "live"}},
		{map[string]string{"PUBLIC_URL": "https://noc.example"}, []string{"access", "live"}},
		{map[string]string{"WS_ALLOWED_ORIGINS": "noc.example"}, []string{"live"}},
		{map[string]string{"WS_MAX_CLIENTS": "3"}, []string{"live"}},
		{map[string]string{"API_MAX_SEARCHES": "31"}, []string{"store"}},
		{map[string]string{"DB_PATH": "x.db"}, []string{"store"}},
		{map[string]string{"DB_MAX_BYTES": "0"}, []string{"store"}},
		{map[string]string{"ALERT_RETENTION": "1d"}, []string{"store"}},
		{map[string]string{"CONNECTION_RETENTION": "1d"}, []string{"store"}},
		{map[string]string{"DATA_DIR": "elsewhere"}, []string{"broker"}},
		{map[string]string{"BROKER_MAX_CONNECTIONS": "5"}, []string{"broker"}},
		{map[string]string{"BROKER_MAX_REQUEST_BYTES": "2MiB"}, []string{"broker"}},
		{map[string]string{"KAFKA_TOPIC_PACKETS": "p"}, []string{"bus"}},
		{map[string]string{"KAFKA_TOPIC_ALERTS": "a"}, []string{"bus"}},
		{map[string]string{"KAFKA_TOPIC_CONNECTIONS": "c"}, []string{"bus"}},
		{map[string]string{"KAFKA_TOPIC_CHECKPOINTS": "k"}, []string{"bus"}},
		{map[string]string{"KAFKA_TOPIC_DEAD_LETTERS": "d"}, []string{"bus"}},
		{map[string]string{"KAFKA_TOPIC_STATS": "s"}, []string{"bus"}},
		{map[string]string{"KAFKA_TOPIC_SCORES": "o"}, []string{"bus"}},
		{map[string]string{"KAFKA_GROUP_ENGINE": "e"}, []string{"bus", "engine"}},
		{map[string]string{"KAFKA_GROUP_CORE": "e"}, []string{"bus"}},
		{map[string]string{"KAFKA_SESSION_TIMEOUT": "9s"}, []string{"bus"}},
		{map[string]string{"GROUP_INSTANCE_ID": "i"}, []string{"bus"}},
		{map[string]string{"KAFKA_REPLICATION": "3"}, []string{"bus"}},
		{map[string]string{"KAFKA_MIN_INSYNC_REPLICAS": "2"}, []string{"bus"}},
		{map[string]string{"KAFKA_TLS": "true"}, []string{"bus"}},
		{sasl, []string{"broker", "bus"}},
		{map[string]string{"PACKETS_PARTITIONS": "8"}, []string{"bus"}},
		{map[string]string{"PACKETS_ENCODING": "packed"}, []string{"bus"}},
		{map[string]string{"PACKET_NAMES": "full"}, []string{"conntrack", "decode"}},
		{map[string]string{"PACKETS_RETENTION_BYTES": "32MiB"}, []string{"bus"}},
		{map[string]string{"PACKETS_RETENTION": "2h"}, []string{"bus"}},
		{map[string]string{"PRODUCER_LINGER": "0"}, []string{"bus"}},
		{map[string]string{"CAPTURE_FILTER": "udp"}, []string{"capture"}},
		{map[string]string{"CAPTURE_SNAPLEN": "96"}, []string{"capture"}},
		{map[string]string{"CAPTURE_PROMISCUOUS": "false"}, []string{"capture"}},
		{map[string]string{"CAPTURE_RING_BYTES": "2MiB"}, []string{"capture"}},
		{map[string]string{"CAPTURE_OWN_PORTS": "true"}, []string{"capture"}},
		{map[string]string{"VERIFY_CHECKSUMS": "true"}, []string{"conntrack", "decode"}},
		{map[string]string{"CONN_MAX": "10"}, []string{"conntrack"}},
		{map[string]string{"CONN_TCP_TIMEOUT": "3s"}, []string{"conntrack"}},
		{map[string]string{"CONN_UDP_TIMEOUT": "3s"}, []string{"conntrack"}},
		{map[string]string{"CONN_ICMP_TIMEOUT": "3s"}, []string{"conntrack"}},
		{map[string]string{"ANOMALY_THRESHOLD": "0.5"}, []string{"engine"}},
		{map[string]string{"ALERT_BUDGET_PER_DAY": "5"}, []string{"engine"}},
		{map[string]string{"PRIOR_FILE": prior}, []string{"engine"}},
		{map[string]string{"WARMUP_PACKETS": "7"}, []string{"engine"}},
		{map[string]string{"ENGINE_LANES": "2"}, []string{"engine"}},
		{map[string]string{"HST_SEED": "9"}, []string{"engine"}},
		{map[string]string{"HST_TREES": "9"}, []string{"engine"}},
		{map[string]string{"HST_DEPTH": "9"}, []string{"engine"}},
		{map[string]string{"HST_WINDOW": "99"}, []string{"engine"}},
		{map[string]string{"EPISODE_QUIET": "9s"}, []string{"engine"}},
		{map[string]string{"CHECKPOINT_EVERY": "9s"}, []string{"engine"}},
		{map[string]string{"CHECKPOINT_KEYFRAMES": "3"}, []string{"checkpoints"}},
		{map[string]string{"CHECKPOINT_KEYFRAME_EVERY": "9s"}, []string{"checkpoints"}},
	} {
		var got []string
		for name, of := range components(t, configWith(t, c.env)) {
			if !reflect.DeepEqual(of, defaults[name]) {
				got = append(got, name)
			}
		}
		slices.Sort(got)
		if !slices.Equal(got, c.want) {
			t.Errorf("%v changes %q, want %q", c.env, got, c.want)
		}
	}
}

// TestOwnPortsAreExcluded: live capture excludes the ports of NetLyra and of its brokers, once
// it knows them.
func TestOwnPortsAreExcluded(t *testing.T) {
	for _, c := range []struct {
		env     map[string]string
		brokers []string
		want    []uint16
	}{
		{nil, nil, []uint16{8090, 8091}},
		{nil, []string{"a:9092", "[2001:db8::1]:9093"}, []uint16{8090, 8091, 9092, 9093}},
		{map[string]string{"API_PORT": "0", "WS_PORT": "0"}, []string{"a:9092"}, []uint16{9092}},
		{nil, []string{"a", "b:none", "c:70000"}, []uint16{8090, 8091}},
		{map[string]string{"CAPTURE_OWN_PORTS": "true"}, []string{"a:9092"}, nil},
	} {
		if got := Capture(configWith(t, c.env), c.brokers, nil).ExcludePorts; !slices.Equal(got, c.want) {
			t.Errorf("%v, brokers %q: %v, want %v", c.env, c.brokers, got, c.want)
		}
	}
}

// TestLanesShareTheBudget: the budgets of all working lanes add up to the configured one. A
// lane without a partition does not work.
func TestLanesShareTheBudget(t *testing.T) {
	for lanes, partitions := range map[string]int32{"1": 1, "4": 4, "3": 8, "8": 2} {
		c := engineOf(t, configWith(t, map[string]string{"ENGINE_LANES": lanes, "ALERT_BUDGET_PER_DAY": "24"}), partitions)
		if sum := c.AlertsPerDay * float64(c.Working()); sum != 24 {
			t.Errorf("%s lanes of %d partitions: %v alerts per day", lanes, partitions, sum)
		}
		covered := map[int32]bool{}
		for lane := range c.Working() {
			for _, p := range c.Partitions(lane) {
				if covered[p] {
					t.Errorf("%s lanes: partition %d is in two lanes", lanes, p)
				}
				covered[p] = true
			}
		}
		if len(covered) != int(partitions) {
			t.Errorf("%s lanes cover %d of %d partitions", lanes, len(covered), partitions)
		}
	}
}

// TestConfigurationsAreValid: the limits of the settings are limits that the components accept.
func TestConfigurationsAreValid(t *testing.T) {
	for _, k := range config.Keys() {
		for _, value := range []string{k.Min, k.Max} {
			if value == "" || k.Name == "ANOMALY_THRESHOLD" && value == "0" {
				continue
			}
			cfg := configWith(t, map[string]string{k.Name: value})
			if err := engineOf(t, cfg, 1).Validate(); err != nil {
				t.Errorf("%s=%s: engine: %v", k.Name, value, err)
			}
			if err := Store(cfg).Validate(); err != nil {
				t.Errorf("%s=%s: store: %v", k.Name, value, err)
			}
		}
	}
}

// TestSearches never use all readers of the database, and at least one.
func TestSearches(t *testing.T) {
	for _, n := range []string{"0", "1", "32"} {
		cfg := configWith(t, map[string]string{"API_MAX_SEARCHES": n})
		if s := Searches(cfg); s < 1 || s > 32 || Store(cfg).Readers != s+quickReaders {
			t.Errorf("API_MAX_SEARCHES=%s: %d searches, %d readers", n, s, Store(cfg).Readers)
		}
	}
}

// TestRunningBrokers: configured brokers take precedence; without a running embedded broker
// the error says what to do, and is ErrNoBrokers.
func TestRunningBrokers(t *testing.T) {
	cfg := configWith(t, map[string]string{"KAFKA_BROKERS": "a:1,b:2", "DATA_DIR": t.TempDir()})
	if got, err := RunningBrokers(cfg); err != nil || !slices.Equal(got, []string{"a:1", "b:2"}) {
		t.Errorf("got %q, %v", got, err)
	}
	cfg.KafkaBrokers = nil
	if got, err := RunningBrokers(cfg); !errors.Is(err, ErrNoBrokers) || got != nil {
		t.Errorf("nothing runs: %q, %v", got, err)
	}
}

// TestTopicNames: each short name is another topic, and follows its setting.
func TestTopicNames(t *testing.T) {
	cfg := configWith(t, map[string]string{"KAFKA_TOPIC_DEAD_LETTERS": "bad-records"})
	seen := map[string]string{}
	for _, name := range []string{"packets", "alerts", "connections", "dead-letters", "stats", "scores"} {
		topic, err := Topic(cfg, name)
		if err != nil || seen[topic] != "" {
			t.Errorf("%s is %q, as is %q; %v", name, topic, seen[topic], err)
		}
		seen[topic] = name
	}
	if seen["bad-records"] != "dead-letters" {
		t.Errorf("topics %v", seen)
	}
	for _, name := range []string{"", "netlyra.packets", "Packets", "models"} {
		if topic, err := Topic(cfg, name); err == nil {
			t.Errorf("%q is %q", name, topic)
		}
	}
}

// TestPriorFile: without the setting the reference is the built-in one; unknown behaviors of the
// file are returned; a file that is missing or invalid is an error that names it.
func TestPriorFile(t *testing.T) {
	if r, unknown, err := Reference(configWith(t, nil)); r != nil || unknown != nil || err != nil {
		t.Errorf("%v, %q, %v without a file", r, unknown, err)
	}
	name := filepath.Join(t.TempDir(), "prior.json")
	cfg := configWith(t, map[string]string{"PRIOR_FILE": name})
	if _, err := Engine(cfg, 1); err == nil || !strings.Contains(err.Error(), name) {
		t.Errorf("a missing file: %v", err)
	}
	for text, want := range map[string]string{`{"version":1,"values":{"later":[],"calls":[5,9,15,21]}}`: "", `{"version":1,"values":{"calls":[5,9,15,15]}}`: "calls"} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		_, unknown, err := Reference(cfg)
		if want == "" && (err != nil || !slices.Equal(unknown, []string{"later"})) {
			t.Errorf("%s: %q, %v", text, unknown, err)
		}
		if want != "" && (err == nil || !strings.Contains(err.Error(), name) || !strings.Contains(err.Error(), want)) {
			t.Errorf("%s: %v", text, err)
		}
	}
}
