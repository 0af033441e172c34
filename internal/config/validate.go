package config

import (
	"fmt"
	"net"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// check returns every problem of c, except for keys whose values could not be parsed (found).
func (c *Config) check(o *Origins, found []Problem) (out []Problem) {
	bad := map[string]bool{}
	for _, p := range found {
		bad[p.Key] = true
	}
	report := func(name, want string, args ...any) {
		if s := o.Of(name); !bad[name] {
			bad[name] = true
			out = append(out, s.problem(s.Value, s.Origin, fmt.Sprintf(want, args...)))
		}
	}
	for i := range keys {
		if k := &keys[i]; !k.fits(k.field(c)) {
			report(k.Name, "want %s", k.Allowed())
		}
	}
	c.checkServer(report)
	c.checkAccess(report)
	c.checkTopics(report)
	c.checkBrokers(report)
	c.checkSecurity(report)
	return out
}

type reporter func(name, want string, args ...any)

func (c *Config) checkServer(report reporter) {
	if c.APIPort != 0 && c.APIPort == c.WSPort {
		report("WS_PORT", "want a port other than API_PORT (%d)", c.APIPort)
	}
	if strings.ContainsAny(c.APIHost, " /") {
		report("API_HOST", "want a host name or an address, without a port")
	}
	for name, text := range map[string]string{"DB_PATH": c.DBPath, "DATA_DIR": c.DataDir} {
		if text == "" {
			report(name, "want a path")
		}
	}
	if c.DBMaxBytes > 0 && c.DBMaxBytes < 1<<20 {
		report("DB_MAX_BYTES", "want at least 1MiB, or 0 for no limit")
	}
	if c.AnomalyThreshold == 0 {
		report("ANOMALY_THRESHOLD", "want more than 0; with 0 every packet raises an alert")
	}
}

// topicName matches valid Kafka topic names.
var topicName = regexp.MustCompile(`^[A-Za-z0-9._-]{1,249}$`)

func (c *Config) checkTopics(report reporter) {
	seen := map[string]string{}
	for i := range keys {
		k := &keys[i]
		name, _ := k.field(c).Interface().(string)
		switch topic := strings.HasPrefix(k.Name, "KAFKA_TOPIC_"); {
		case topic && (!topicName.MatchString(name) || name == "." || name == ".."):
			report(k.Name, "want 1 to 249 letters, digits, dots, dashes or underscores")
		case topic && seen[name] != "":
			report(k.Name, "want a topic other than that of %s", seen[name])
		case topic:
			seen[name] = k.Name
		case strings.HasPrefix(k.Name, "KAFKA_GROUP_") && name == "":
			report(k.Name, "want the name of a consumer group")
		}
	}
	if c.KafkaGroupEngine == c.KafkaGroupCore {
		report("KAFKA_GROUP_CORE", "want a group other than KAFKA_GROUP_ENGINE; members of one group share its records")
	}
}

func (c *Config) checkBrokers(report reporter) {
	for _, b := range c.KafkaBrokers {
		host, port, err := net.SplitHostPort(b)
		n, bad := strconv.ParseUint(port, 10, 16)
		if err != nil || bad != nil || n == 0 || host == "" {
			report("KAFKA_BROKERS", "want comma-separated HOST:PORT; %q is invalid", b)
		}
	}
	if c.GroupInstanceID != "" && !topicName.MatchString(c.GroupInstanceID) {
		report("GROUP_INSTANCE_ID", "want 1 to 249 letters, digits, dots, dashes or underscores")
	}
	if c.KafkaReplication > 0 && c.KafkaMinInsyncReplicas > c.KafkaReplication {
		report("KAFKA_MIN_INSYNC_REPLICAS", "want at most KAFKA_REPLICATION (%d); with more, no record can be written", c.KafkaReplication)
	}
}

func (c *Config) checkSecurity(report reporter) {
	files := map[string]string{"KAFKA_TLS_CA": c.KafkaTLSCA, "KAFKA_TLS_CERT": c.KafkaTLSCert, "KAFKA_TLS_KEY": c.KafkaTLSKey}
	for name, path := range files {
		if path == "" {
			continue
		}
		if f, err := os.Open(path); err != nil {
			report(name, "want a readable file: %v", err)
		} else {
			_ = f.Close()
		}
		if !c.KafkaTLS {
			report(name, "requires KAFKA_TLS=true")
		}
	}
	switch {
	case c.KafkaTLSCert != "" && c.KafkaTLSKey == "":
		report("KAFKA_TLS_KEY", "want the key of KAFKA_TLS_CERT")
	case c.KafkaTLSKey != "" && c.KafkaTLSCert == "":
		report("KAFKA_TLS_CERT", "want the certificate of KAFKA_TLS_KEY")
	}
	if c.KafkaSASLMechanism == "none" {
		return
	}
	if c.KafkaSASLUser == "" {
		report("KAFKA_SASL_USER", "want a user name; required by KAFKA_SASL_MECHANISM=%s", c.KafkaSASLMechanism)
	}
	if c.KafkaSASLPassword == "" {
		report("KAFKA_SASL_PASSWORD", "want a password; required by KAFKA_SASL_MECHANISM=%s", c.KafkaSASLMechanism)
	}
}

// fits reports whether v is in the key's range or set of values.
func (k *Key) fits(v reflect.Value) bool {
	if len(k.OneOf) > 0 {
		return slices.Contains(k.OneOf, v.String())
	}
	return (k.Min == "" || number(v) >= number(k.bound(v, k.Min))) &&
		(k.Max == "" || number(v) <= number(k.bound(v, k.Max)))
}

// bound parses a limit of the setting. A test ensures that all limits in tags are valid.
func (k *Key) bound(v reflect.Value, text string) reflect.Value {
	b := reflect.New(v.Type()).Elem()
	_ = parseInto(b, text)
	return b
}

func number(v reflect.Value) float64 {
	if v.CanInt() {
		return float64(v.Int())
	}
	return v.Float()
}
