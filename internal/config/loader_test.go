package config

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/alecthomas/kong"
)

// load parses args as a command that accepts every flag, with the content of .env and
// environment variables as KEY=VALUE.
func load(t *testing.T, args []string, envFile string, env ...string) (*Config, *Origins, error) {
	t.Helper()
	file := filepath.Join(t.TempDir(), ".env")
	if err := os.WriteFile(file, []byte(envFile), 0o600); err != nil {
		t.Fatal(err)
	}
	lookup := func(key string) (string, bool) {
		for _, pair := range env {
			if k, v, _ := strings.Cut(pair, "="); k == key {
				return v, true
			}
		}
		return "", false
	}
	var cli struct {
		Up struct {
			Config `embed:""`
		} `cmd:""`
	}
	l := NewLoader(Sources{EnvFile: file, LookupEnv: lookup})
	k, err := kong.New(&cli, append(l.Options(), kong.Exit(func(int) {}))...)
	if err != nil {
		t.Fatal(err)
	}
	kctx, err := k.Parse(append([]string{"up"}, args...))
	if err != nil {
		return nil, nil, err
	}
	return l.Config(kctx)
}

func TestPrecedence(t *testing.T) {
	c, o, err := load(t, []string{"--hst-trees=4", "--filter", "tcp port 80"},
		"HST_TREES=1\nHST_DEPTH=2\nHST_WINDOW=300\nKAFKA_BROKERS=a:1\nCAPTURE_FILTER=udp\n",
		"HST_TREES=2", "HST_DEPTH=3", "KAFKA_BROKERS=", "WARMUP_PACKETS=")
	if err != nil {
		t.Fatal(err)
	}
	if c.HSTTrees != 4 || c.HSTDepth != 3 || c.HSTWindow != 300 || c.WarmupPackets != 50 || c.CaptureFilter != "tcp port 80" {
		t.Errorf("%+v", c.Detect)
	}
	if len(c.KafkaBrokers) != 0 {
		t.Errorf("brokers %q; an empty variable must clear the list of .env", c.KafkaBrokers)
	}
	for name, want := range map[string]Origin{
		"HST_TREES": FromFlag, "HST_DEPTH": FromEnvironment, "HST_WINDOW": FromFile,
		"HST_SEED": FromDefault, "WARMUP_PACKETS": FromDefault, "KAFKA_BROKERS": FromEnvironment, "CAPTURE_FILTER": FromFlag,
	} {
		if got := o.Of(name).Origin; got != want {
			t.Errorf("origin of %s is %q, want %q", name, got, want)
		}
	}
	if len(o.Settings) != len(keys) {
		t.Errorf("%d of %d settings have an origin", len(o.Settings), len(keys))
	}
}

func TestBoolFlags(t *testing.T) {
	c, _, err := load(t, []string{"--capture-own-ports", "--no-promiscuous", "--kafka-tls=false"}, "")
	if err != nil {
		t.Fatal(err)
	}
	if !c.CaptureOwnPorts || c.CapturePromiscuous || c.KafkaTLS {
		t.Errorf("%+v", c.Capture)
	}
}

func TestNamedEnvFile(t *testing.T) {
	other := filepath.Join(t.TempDir(), "other.env")
	if _, _, err := load(t, []string{"--env-file", other}, ""); err == nil || !strings.Contains(err.Error(), other) {
		t.Errorf("error for a named file that does not exist: %v", err)
	}
	if err := os.WriteFile(other, []byte("API_PORT=7000"), 0o600); err != nil {
		t.Fatal(err)
	}
	c, _, err := load(t, []string{"--env-file", other}, "API_PORT=6000")
	if err != nil || c.APIPort != 7000 || c.EnvFile != other {
		t.Errorf("%+v %v", c, err)
	}
	if _, _, err = load(t, nil, "API_PORT='80\n"); err == nil || !strings.Contains(err.Error(), ".env") {
		t.Errorf("error for an invalid .env: %v", err)
	}
}

func TestAllProblemsAreReported(t *testing.T) {
	_, _, err := load(t,
		[]string{"--api-port=many", "--hst-depth=99", "--kafka-sasl-password=hunter2"},
		"CONN_TCP_TIMEOUT=5\nANOMALY_THRESHOLD=NaN\nPACKETS_ENCODING=xml\nKAFKA_TLS_KEY=/nowhere/key.pem\n",
		"WS_PORT=70000", "MEMORY_LIMIT=lots", "KAFKA_BROKERS=localhost", "KAFKA_TOPIC_ALERTS=netlyra.packets",
		"KAFKA_TOPIC_STATS=a b", "VERIFY_CHECKSUMS=perhaps", "DB_PATH=", "GOGC=fast", "KAFKA_SASL_MECHANISM=PLAIN")
	var all *Error
	if !errors.As(err, &all) {
		t.Fatalf("%T %v", err, err)
	}
	got := all.Error()
	for _, want := range []string{
		`API_PORT="many" (flag): want a whole number`,
		`WS_PORT="70000" (environment): want 0 … 65535`,
		`DB_PATH="" (environment): want a path`,
		`KAFKA_BROKERS="localhost" (environment): want comma-separated HOST:PORT; "localhost" is invalid`,
		`KAFKA_TOPIC_ALERTS="netlyra.packets" (environment): want a topic other than that of KAFKA_TOPIC_PACKETS`,
		`KAFKA_TOPIC_STATS="a b" (environment): want 1 to 249 letters`,
		`KAFKA_TLS_CERT="" (default): want the certificate of KAFKA_TLS_KEY`,
		`KAFKA_TLS_KEY="/nowhere/key.pem" (.env): want a readable file`,
		`KAFKA_SASL_USER="" (default): want a user name; required by KAFKA_SASL_MECHANISM=plain`,
		`PACKETS_ENCODING="xml" (.env): want json, packed`,
		`VERIFY_CHECKSUMS="perhaps" (environment): want true or false`,
		`CONN_TCP_TIMEOUT="5" (.env): want a duration such as`,
		`ANOMALY_THRESHOLD="NaN" (.env): want a number`,
		`HST_DEPTH="99" (flag): want 1 … 15 levels`,
		`MEMORY_LIMIT="lots" (environment): want a size such as`,
		`GOGC="fast" (environment): want a whole number of percent, or off`,
	} {
		if !strings.Contains(got, want) {
			t.Errorf("missing: %s", want)
		}
	}
	if len(all.Problems) != 16 || !strings.HasPrefix(got, "the configuration has 16 problems\n  API_PORT") {
		t.Error(got)
	}
	if strings.Contains(got, "hunter2") {
		t.Error("the error contains the password")
	}
}

func TestPortsDiffer(t *testing.T) {
	if _, _, err := load(t, []string{"--ws-port=8090"}, ""); err == nil || !strings.Contains(err.Error(), "WS_PORT") {
		t.Error(err)
	}
	if _, _, err := load(t, []string{"--ws-port=0", "--api-port=0"}, ""); err != nil {
		t.Errorf("two free ports: %v", err)
	}
}

func TestUnknownKeysCauseWarnings(t *testing.T) {
	_, o, err := load(t, nil, "API_PROT=1\nKAFKA_ZOOKEEPER_LIST_OF_HOSTS=2\nPOSTGRES_URL=3\nNETLYRA_COLOR=4\n")
	if err != nil {
		t.Fatal(err)
	}
	got := strings.Join(o.Warnings, "\n")
	if len(o.Warnings) != 3 || !strings.Contains(got, "did you mean API_PORT?") || strings.Contains(got, "POSTGRES") {
		t.Error(got)
	}
}

func TestSecretsAreMasked(t *testing.T) {
	c, o, err := load(t, nil, "KAFKA_SASL_PASSWORD=hunter2\nKAFKA_SASL_USER=u\nKAFKA_SASL_MECHANISM=scram-sha-256")
	if err != nil {
		t.Fatal(err)
	}
	var logged bytes.Buffer
	slog.New(slog.NewJSONHandler(&logged, nil)).Info("x", "config", c, "password", c.KafkaSASLPassword)
	j, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	all := logged.String() + string(j) + fmt.Sprintf("%v %+v %#v %s", c, c, *c, c.KafkaSASLPassword) + fmt.Sprint(o)
	if strings.Contains(all, "hunter2") || c.KafkaSASLPassword.Reveal() != "hunter2" {
		t.Error(all)
	}
}

func TestTags(t *testing.T) {
	flags := map[string]string{}
	for _, k := range Keys() {
		if flags[k.Flag] != "" {
			t.Errorf("%s and %s share the flag --%s", k.Name, flags[k.Flag], k.Flag)
		}
		flags[k.Flag] = k.Name
		if !strings.HasSuffix(k.Help, ".") || k.Group == "" {
			t.Errorf("%s: help %q, group %q", k.Name, k.Help, k.Group)
		}
		c := &Config{}
		for _, text := range []string{k.Default, k.Min, k.Max} {
			if err := k.read(k.field(c), text); err != nil && text != "" {
				t.Errorf("%s: the tag %q: %v", k.Name, text, err)
			}
		}
	}
}

// Kong derives flag names from field names; the documentation derives them from the keys.
func TestFlagNamesMatchDocumentation(t *testing.T) {
	var cli struct{ Config }
	k, err := kong.New(&cli, NewLoader(Sources{}).Options()...)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range k.Model.Flags {
		if key := keyOfFlag(f); key != nil && key.Flag != f.Name {
			t.Errorf("%s: --%s in kong, --%s in the documentation", key.Name, f.Name, key.Flag)
		}
	}
}

func TestParse(t *testing.T) {
	for text, want := range map[string]Bytes{"0": 0, "4096": 4096, "64MiB": 64 << 20, "1.5 kb": 1500, "2GB": 2e9, "1tib": 1 << 40, "7B": 7} {
		if got, err := ParseBytes(text); err != nil || got != want {
			t.Errorf("ParseBytes(%q) = %d, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "-1", "MiB", "1EB", "9e99TB", "NaN", "Inf"} {
		if got, err := ParseBytes(text); err == nil {
			t.Errorf("ParseBytes(%q) = %d", text, got)
		}
	}
	for text, want := range map[string]time.Duration{"0": 0, "7d": 168 * time.Hour, "2w": 336 * time.Hour, "1h30m": 90 * time.Minute, "250ms": 250e6} {
		if got, err := ParseDuration(text); err != nil || got != want {
			t.Errorf("ParseDuration(%q) = %s, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "5", "1.5d", "999999999w", "d"} {
		if got, err := ParseDuration(text); err == nil {
			t.Errorf("ParseDuration(%q) = %s", text, got)
		}
	}
}

func FuzzValues(f *testing.F) {
	for _, k := range keys {
		f.Add(k.Default)
	}
	f.Add("1.5KiB")
	f.Fuzz(func(t *testing.T, text string) {
		for i := range keys {
			c, again := &Config{}, &Config{}
			k := &keys[i]
			if k.Secret || k.read(k.field(c), text) != nil {
				continue
			}
			shown := format(k.field(c))
			if err := k.read(k.field(again), shown); err != nil || !reflect.DeepEqual(c, again) {
				t.Fatalf("%s: %q is formatted as %q, which does not parse to the same value (%v)", k.Name, text, shown, err)
			}
		}
	})
}
