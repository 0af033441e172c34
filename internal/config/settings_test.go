package config

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// problemOf returns the only problem of an error, which must be about that setting.
func problemOf(t *testing.T, err error, key string) Problem {
	t.Helper()
	var all *Error
	if !errors.As(err, &all) || len(all.Problems) != 1 || all.Problems[0].Key != key {
		t.Fatalf("got %v, want one problem with %s", err, key)
	}
	return all.Problems[0]
}

// loadValue loads a configuration in which one source sets one setting.
func loadValue(t *testing.T, k *Key, from Origin, value string) (*Config, *Origins, error) {
	t.Helper()
	switch from {
	case FromFlag:
		if k.Kind == "true or false" {
			return load(t, []string{"--" + k.Flag + "=" + value}, "")
		}
		return load(t, []string{"--" + k.Flag, value}, "")
	case FromEnvironment:
		return Load(Sources{LookupEnv: func(name string) (string, bool) { return value, name == k.Name }})
	}
	file := filepath.Join(t.TempDir(), "env")
	if err := os.WriteFile(file, []byte(k.Name+"="+strconv.Quote(value)+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return Load(Sources{EnvFile: file})
}

var sources = []Origin{FromFile, FromEnvironment, FromFlag}

// beyond returns a value just outside of a limit of a setting, in the form of a user.
func beyond(k *Key, limit string, step int64) string {
	var c Config
	v := k.field(&c)
	if parseInto(v, limit) != nil {
		panic(k.Name + ": " + limit)
	}
	if v.CanFloat() {
		v.SetFloat(v.Float() + float64(step)*0.001)
	} else {
		v.SetInt(v.Int() + step)
	}
	if _, ok := v.Interface().(GCPercent); ok {
		return strconv.FormatInt(v.Int(), 10)
	}
	return format(v)
}

// invalidAlone lists limits that are in the range and rejected for another reason.
var invalidAlone = map[string]bool{"ANOMALY_THRESHOLD 0": true} // every packet would raise an alert

// TestBounds: every setting with a range accepts both limits and rejects the next value
// beyond, from every source, with an error that names the setting, the source and the range.
func TestBounds(t *testing.T) {
	for _, k := range Keys() {
		for _, side := range []struct {
			limit string
			step  int64
		}{{k.Min, -1}, {k.Max, 1}} {
			if side.limit == "" {
				continue
			}
			for _, from := range sources {
				if from == FromFlag && strings.HasPrefix(side.limit, "-") {
					continue // a flag's value cannot begin with a dash
				}
				if _, o, err := loadValue(t, &k, from, side.limit); !invalidAlone[k.Name+" "+side.limit] && (err != nil || o.Of(k.Name).Origin != from) {
					t.Errorf("%s=%s (%s): %v", k.Name, side.limit, from, err)
				}
				value := beyond(&k, side.limit, side.step)
				if from == FromFlag && strings.HasPrefix(value, "-") {
					continue
				}
				_, _, err := loadValue(t, &k, from, value)
				p := problemOf(t, err, k.Name)
				if p.Origin != from {
					t.Errorf("%s=%s: origin %q, want %q", k.Name, value, p.Origin, from)
				}
				// A size or duration below 0 does not parse; the form of the value is named then.
				inRange := strings.Contains(p.Want, k.Allowed())
				if !inRange && !(side.limit == "0" && strings.HasPrefix(value, "-")) {
					t.Errorf("%s=%s: %q does not name %q", k.Name, value, p.Want, k.Allowed())
				}
			}
		}
	}
}

// TestEverySourceSetsEverySetting: each setting takes a value from each source, and the
// formatted value is the one that was given.
func TestEverySourceSetsEverySetting(t *testing.T) {
	for _, k := range Keys() {
		value := sample(&k)
		for _, from := range sources {
			c, o, err := loadValue(t, &k, from, value)
			if err != nil {
				if needsOthers(k.Name) {
					continue
				}
				t.Errorf("%s=%s (%s): %v", k.Name, value, from, err)
				continue
			}
			got := o.Of(k.Name)
			if got.Origin != from || !k.Secret && got.Value != value {
				t.Errorf("%s=%s (%s): got %q (%s)", k.Name, value, from, got.Value, got.Origin)
			}
			if k.Secret && (got.Value == value || reflect.ValueOf(c.KafkaSASLPassword).String() != value) {
				t.Errorf("%s: shown as %q", k.Name, got.Value)
			}
		}
	}
}

// sample returns a valid value that is not the default.
func sample(k *Key) string {
	switch {
	case len(k.OneOf) > 0:
		return k.OneOf[slices.IndexFunc(k.OneOf, func(w string) bool { return w != k.Default })]
	case k.Kind == "true or false":
		return strconv.FormatBool(k.Default != "true")
	case k.Name == "GOGC":
		return "150"
	case k.Name == "HST_SEED":
		return "77"
	case k.Name == "ANOMALY_THRESHOLD":
		return "0.625"
	case k.Kind == "number" && k.Max != "":
		return k.Max
	case k.Kind == "size":
		return "48MiB"
	case k.Kind == "duration" && k.Max == "1s":
		return "30ms"
	case k.Kind == "duration":
		return "3m"
	case k.Name == "PUBLIC_URL":
		return "https://noc.example/netlyra/"
	case k.Name == "PUBLIC_WS_URL":
		return "wss://noc.example/ws"
	case k.Name == "API_BASE_PATH":
		return "/netlyra"
	case k.Name == "TRUSTED_PROXIES":
		return "10.0.0.0/8,192.0.2.1"
	case k.Name == "KAFKA_BROKERS":
		return "a.example:9092,[2001:db8::1]:9093"
	}
	return "another-value"
}

// needsOthers reports whether a valid value needs further settings, such as a certificate
// that needs TLS.
func needsOthers(key string) bool {
	return strings.HasPrefix(key, "KAFKA_TLS_") || strings.HasPrefix(key, "KAFKA_SASL_MECH")
}

// TestPrecedenceOfRandomSources: whatever sources set a setting, the value and the origin are
// those of the source with the highest precedence.
func TestPrecedenceOfRandomSources(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	names := []string{"HST_TREES", "HST_WINDOW", "WARMUP_PACKETS", "API_MAX_CONNECTIONS", "CONN_MAX"}
	for round := range 60 {
		var args, env []string
		file := ""
		want, origin := map[string]string{}, map[string]Origin{}
		for _, name := range names {
			k := byName(name)
			want[name], origin[name] = k.Default, FromDefault
			for level, from := range sources {
				if random.IntN(2) == 0 {
					continue
				}
				value := strconv.Itoa(20 + 100*level + random.IntN(99))
				want[name], origin[name] = value, from
				switch from {
				case FromFile:
					file += name + "=" + value + "\n"
				case FromEnvironment:
					env = append(env, name+"="+value)
				default:
					args = append(args, "--"+k.Flag+"="+value)
				}
			}
		}
		_, o, err := load(t, args, file, env...)
		if err != nil {
			t.Fatalf("round %d: %v", round, err)
		}
		for _, name := range names {
			if s := o.Of(name); s.Value != want[name] || s.Origin != origin[name] {
				t.Errorf("round %d: %s=%s (%s), want %s (%s); args %q, env %q, file %q", round, name, s.Value, s.Origin, want[name], origin[name], args, env, file)
			}
		}
	}
}

// TestEmptyValues: an empty value clears texts and lists, and leaves other settings to the
// source below.
func TestEmptyValues(t *testing.T) {
	for _, c := range []struct {
		key, file, want string
		origin          Origin
	}{
		{"CAPTURE_FILTER", "udp", "", FromEnvironment},
		{"KAFKA_BROKERS", "a:1", "", FromEnvironment},
		{"API_ALLOWED_HOSTS", "noc.example", "", FromEnvironment},
		{"HST_TREES", "7", "7", FromFile},
		{"LOG_LEVEL", "warn", "warn", FromFile},
		{"VERIFY_CHECKSUMS", "true", "true", FromFile},
		{"ALERT_RETENTION", "5d", "5d", FromFile},
		{"DB_MAX_BYTES", "5GiB", "5GiB", FromFile},
	} {
		_, o, err := load(t, nil, c.key+"="+c.file+"\n", c.key+"=")
		if err != nil {
			t.Errorf("%s: %v", c.key, err)
			continue
		}
		if s := o.Of(c.key); s.Value != c.want || s.Origin != c.origin {
			t.Errorf("%s is %q (%s), want %q (%s)", c.key, s.Value, s.Origin, c.want, c.origin)
		}
	}
}

// TestRelationsOfSettings: settings that are valid by themselves and not together.
func TestRelationsOfSettings(t *testing.T) {
	key := t.TempDir() + "/missing.pem"
	for _, c := range []struct {
		env []string
		key string // "": valid
	}{
		{[]string{"API_PORT=9000", "WS_PORT=9000"}, "WS_PORT"},
		{[]string{"API_HOST=localhost/x"}, "API_HOST"},
		{[]string{"API_HOST=::1"}, ""},
		{[]string{"DATA_DIR="}, "DATA_DIR"},
		{[]string{"DB_MAX_BYTES=1048575"}, "DB_MAX_BYTES"},
		{[]string{"DB_MAX_BYTES=1048576"}, ""},
		{[]string{"ANOMALY_THRESHOLD=0"}, "ANOMALY_THRESHOLD"},
		{[]string{"KAFKA_REPLICATION=2", "KAFKA_MIN_INSYNC_REPLICAS=3"}, "KAFKA_MIN_INSYNC_REPLICAS"},
		{[]string{"KAFKA_REPLICATION=3", "KAFKA_MIN_INSYNC_REPLICAS=3"}, ""},
		{[]string{"KAFKA_MIN_INSYNC_REPLICAS=3"}, ""},
		{[]string{"KAFKA_GROUP_ENGINE=x", "KAFKA_GROUP_CORE=x"}, "KAFKA_GROUP_CORE"},
		{[]string{"KAFKA_GROUP_CORE="}, "KAFKA_GROUP_CORE"},
		{[]string{"KAFKA_TOPIC_SCORES=.."}, "KAFKA_TOPIC_SCORES"},
		{[]string{"KAFKA_TOPIC_SCORES=" + strings.Repeat("x", 249)}, ""},
		{[]string{"KAFKA_TOPIC_SCORES=" + strings.Repeat("x", 250)}, "KAFKA_TOPIC_SCORES"},
		{[]string{"KAFKA_TOPIC_ALERTS=t", "KAFKA_TOPIC_SCORES=t"}, "KAFKA_TOPIC_SCORES"},
		{[]string{"KAFKA_BROKERS=a:0"}, "KAFKA_BROKERS"},
		{[]string{"KAFKA_BROKERS=a:65535"}, ""},
		{[]string{"KAFKA_BROKERS=a:65536"}, "KAFKA_BROKERS"},
		{[]string{"KAFKA_BROKERS=:9092"}, "KAFKA_BROKERS"},
		{[]string{"KAFKA_BROKERS=2001:db8::1:9092"}, "KAFKA_BROKERS"},
		{[]string{"KAFKA_BROKERS= a:1 , ,b:2,"}, ""},
		{[]string{"GROUP_INSTANCE_ID=a/b"}, "GROUP_INSTANCE_ID"},
		{[]string{"KAFKA_TLS=true", "KAFKA_TLS_CA=" + key}, "KAFKA_TLS_CA"},
		{[]string{"KAFKA_SASL_MECHANISM=plain", "KAFKA_SASL_USER=u"}, "KAFKA_SASL_PASSWORD"},
		{[]string{"KAFKA_SASL_MECHANISM=plain", "KAFKA_SASL_PASSWORD=p"}, "KAFKA_SASL_USER"},
		{[]string{"KAFKA_SASL_MECHANISM=Scram-SHA-512", "KAFKA_SASL_USER=u", "KAFKA_SASL_PASSWORD=p"}, ""},
		{[]string{"API_ALLOWED_HOSTS=*.example"}, "API_ALLOWED_HOSTS"},
		{[]string{"WS_ALLOWED_ORIGINS=https://noc.example"}, "WS_ALLOWED_ORIGINS"},
		{[]string{"TRUSTED_PROXIES=10.0.0.0/33"}, "TRUSTED_PROXIES"},
		{[]string{"TRUSTED_PROXIES=fd00::/8,::1"}, ""},
		{[]string{"API_BASE_PATH=netlyra"}, "API_BASE_PATH"},
		{[]string{"API_BASE_PATH=/a/../b"}, "API_BASE_PATH"},
		{[]string{"API_BASE_PATH=/a//b"}, "API_BASE_PATH"},
		{[]string{"API_BASE_PATH=/a/b.c/"}, ""},
		{[]string{"PUBLIC_URL=https://u:p@noc.example"}, "PUBLIC_URL"},
		{[]string{"PUBLIC_URL=https://noc.example/?q"}, "PUBLIC_URL"},
		{[]string{"PUBLIC_URL=ftp://noc.example"}, "PUBLIC_URL"},
		{[]string{"PUBLIC_URL=https:///path"}, "PUBLIC_URL"},
		{[]string{"PUBLIC_WS_URL=https://noc.example"}, "PUBLIC_WS_URL"},
		{[]string{"PUBLIC_WS_URL=wss://noc.example:8443/ws"}, ""},
	} {
		_, _, err := load(t, nil, "", c.env...)
		if c.key == "" {
			if err != nil {
				t.Errorf("%q: %v", c.env, err)
			}
			continue
		}
		var all *Error
		if !errors.As(err, &all) || !slices.ContainsFunc(all.Problems, func(p Problem) bool { return p.Key == c.key }) {
			t.Errorf("%q: %v, want a problem with %s", c.env, err, c.key)
		}
	}
}

// TestRandomValuesRoundTrip: sizes, durations and numbers are formatted in a form that parses
// to the same value.
func TestRandomValuesRoundTrip(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	for range 5000 {
		b := Bytes(random.Int64N(1<<40) << random.IntN(20))
		if random.IntN(2) == 0 {
			b = Bytes(random.Int64N(1<<10) << (10 * random.IntN(5)))
		}
		// A number of bytes above 2^53 has no exact floating-point value.
		if got, err := ParseBytes(b.String()); err != nil || got != b && b < 1<<53 {
			t.Fatalf("size %d is formatted as %s and parsed as %d, %v", b, b, got, err)
		}
		d := time.Duration(random.Int64N(int64(100 * 24 * time.Hour)))
		for _, unit := range []time.Duration{1, time.Millisecond, time.Second, time.Minute, time.Hour, 24 * time.Hour} {
			d := d.Truncate(unit)
			if got, err := ParseDuration(formatDuration(d)); err != nil || got != d {
				t.Fatalf("duration %d is formatted as %s and parsed as %d, %v", d, formatDuration(d), got, err)
			}
		}
	}
}

// TestEditDistance has the properties of a metric, and knows one edit from two.
func TestEditDistance(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 6))
	word := func() string {
		b := make([]byte, random.IntN(8))
		for i := range b {
			b[i] = "ABC_"[random.IntN(4)]
		}
		return string(b)
	}
	for range 2000 {
		a, b, c := word(), word(), word()
		d := editDistance(a, b)
		if d != editDistance(b, a) || (d == 0) != (a == b) || d > max(len(a), len(b)) || d > editDistance(a, c)+editDistance(c, b) {
			t.Fatalf("%q, %q, %q: %d, %d, %d", a, b, c, d, editDistance(a, c), editDistance(c, b))
		}
	}
	for pair, want := range map[[2]string]int{{"API_PROT", "API_PORT"}: 2, {"API_PORTS", "API_PORT"}: 1, {"", "GOGC"}: 4, {"HST_TREE", "HST_TREES"}: 1} {
		if got := editDistance(pair[0], pair[1]); got != want {
			t.Errorf("%q: %d, want %d", pair, got, want)
		}
	}
}

// TestProblemsAreInTheOrderOfSettings, each setting once, whatever the order of the sources.
func TestProblemsAreInTheOrderOfSettings(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 8))
	names := []string{"API_PORT", "WS_MAX_CLIENTS", "BROKER_MAX_CONNECTIONS", "PACKETS_PARTITIONS", "CONN_MAX", "HST_TREES", "GOGC"}
	for range 20 {
		chosen := slices.Clone(names)
		random.Shuffle(len(chosen), func(i, j int) { chosen[i], chosen[j] = chosen[j], chosen[i] })
		chosen = chosen[:1+random.IntN(len(chosen))]
		var env []string
		for _, name := range chosen {
			env = append(env, name+"=none")
		}
		_, _, err := load(t, nil, "", env...)
		var all *Error
		if !errors.As(err, &all) || len(all.Problems) != len(chosen) {
			t.Fatalf("%q: %v", chosen, err)
		}
		last := -1
		for _, p := range all.Problems {
			at := slices.Index(names, p.Key)
			if at <= last || p.Value != "none" {
				t.Errorf("%q: %s at %d: %v", chosen, p.Key, last, fmt.Sprint(all.Problems))
			}
			last = at
		}
	}
}
