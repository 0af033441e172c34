package bus

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"

	"github.com/netlyra/netlyra/internal/obs"
)

// examine is what Examine tells, one line each.
func examine(t *testing.T, cfg Config, deps Deps, groups ...string) string {
	t.Helper()
	var b strings.Builder
	Examine(t.Context(), Examination{Config: cfg, Deps: deps, Groups: groups}, func(f obs.Finding) {
		if (f.Advice == "") != (f.Status == obs.StatusOK) {
			t.Errorf("advice does not go with the status: %+v", f)
		}
		fmt.Fprintf(&b, "%s | %s | %s | %s\n", f.Status, f.Check, f.Detail, f.Advice)
	})
	return b.String()
}

func wantLines(t *testing.T, got string, want ...string) {
	t.Helper()
	for _, w := range want {
		found := false
		for line := range strings.Lines(got) {
			rest, all := line, true
			for part := range strings.SplitSeq(w, "…") {
				_, after, ok := strings.Cut(rest, part)
				rest, all = after, all && ok
			}
			found = found || all
		}
		if !found {
			t.Errorf("no line %q in\n%s", w, got)
		}
	}
}

// TestExamineWell: a cluster at work, with members, lag and a checkpoint.
func TestExamineWell(t *testing.T) {
	c := dial(t, broker(t, "").Addr(), Deps{}, func(c *Config) { c.Partitions = 2 })
	h := newCollector()
	publish(t, c, 0, 100)
	g, _ := join(t, c, GroupConfig{InstanceID: "engine-1"}, h)
	if err := g.WaitCaughtUp(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := c.Checkpoints().Save(t.Context(), c.cfg.EngineGroup, 0, 3, make([]byte, 4096)); err != nil {
		t.Fatal(err)
	}
	got := examine(t, c.cfg, Deps{}, c.cfg.EngineGroup, "never-seen")
	wantLines(t, got,
		"ok | broker …answers (without TLS)",
		"ok | cluster | …broker",
		"ok | group "+c.cfg.EngineGroup+" | Stable, …engine-1 (static)…has "+c.cfg.Topics.Packets+" 0 1",
		"ok | group never-seen | has never worked",
		"ok | checkpoint of lane 0 | 4 KiB, …at offset 3 of 0…",
		"ok | clocks |")
	if strings.Contains(got, obs.StatusFailed) {
		t.Errorf("something has failed:\n%s", got)
	}
	if b, ok := c.cfg, c.cfg.Replication; ok < 0 && len(b.Brokers) == 1 {
		wantLines(t, got, "ok | topics | all 8 as configured…has 2 partitions")
	}
}

// TestExamineSaysWhatIsWrong: topics that differ, a group nobody works in, a
// checkpoint that retention has overtaken. The same differences are logged at start.
func TestExamineSaysWhatIsWrong(t *testing.T) {
	b := broker(t, "")
	old := dial(t, b.Addr(), Deps{}, func(c *Config) { c.Partitions, c.PacketsRetention = 1, time.Minute })
	publish(t, old, 0, 20)
	h := newCollector()
	h.unsafe = true
	g, stop := join(t, old, GroupConfig{}, h)
	if err := g.WaitCaughtUp(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := stop(); err != nil {
		t.Fatal(err)
	}
	publish(t, old, 20, 30)
	if err := old.Checkpoints().Save(t.Context(), old.cfg.EngineGroup, 0, 2, []byte("x")); err != nil {
		t.Fatal(err)
	}
	if err := b.Cluster().DeleteRecords(old.cfg.Topics.Packets, 0, 10); err != nil {
		t.Fatal(err)
	}
	var log strings.Builder
	c := dial(t, b.Addr(), Deps{Log: textLog(&log)}, func(c *Config) { c.Partitions, c.EventsRetention = 3, time.Hour })
	got := examine(t, c.cfg, Deps{}, c.cfg.EngineGroup)
	wantLines(t, got,
		"warning | topic "+c.cfg.Topics.Packets+" | 1 partitions, 3 configured…PACKETS_PARTITIONS=1",
		"warning | topic "+c.cfg.Topics.Packets+" | retention.ms is 60000 (1m0s), configured is 3600000 (1h0m0s)…kafka-configs.sh",
		"warning | topic "+c.cfg.Topics.Alerts+" | retention.ms",
		"warning | group "+c.cfg.EngineGroup+" | no members, 10 records behind…netlyra engine",
		"warning | checkpoint of lane 0 | …misses 8 records")
	for _, want := range []string{"1 partitions, 3 configured", "retention.ms is 60000", "hint="} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("the start does not say %q:\n%s", want, log.String())
		}
	}
}

func TestExamineFindsTornLanes(t *testing.T) {
	d := doctor{Examination: Examination{Lanes: 2}}
	if torn := d.torn(map[int32]string{0: "a", 2: "a", 1: "b", 3: "b"}); torn != "" {
		t.Errorf("two lanes, two engines: %s", torn)
	}
	if torn := d.torn(map[int32]string{0: "a", 1: "b", 2: "b", 3: "b"}); !strings.Contains(torn, "lane 0") {
		t.Errorf("lane 0 is torn, but: %q", torn)
	}
}

// TestExamineBrokers: each thing that keeps a broker from being used is told apart.
func TestExamineBrokers(t *testing.T) {
	cert, certFile, keyFile := certificate(t)
	pool := x509.NewCertPool()
	leaf, _ := x509.ParseCertificate(cert.Certificate[0])
	pool.AddCert(leaf)
	start := func(opts ...kfake.Opt) string {
		b, err := kfake.NewCluster(append(opts, kfake.NumBrokers(1))...)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(b.Close)
		return b.ListenAddrs()[0]
	}
	plain := start()
	secure := start(kfake.EnableSASL(), kfake.Superuser("SCRAM-SHA-512", "ada", "secret"),
		kfake.TLS(&tls.Config{Certificates: []tls.Certificate{cert}, ClientCAs: pool, ClientAuth: tls.RequireAndVerifyClientCert}))
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = silent.Close()
	right := func(c *Config) {
		c.TLS = TLS{Enabled: true, CAFile: certFile, CertFile: certFile, KeyFile: keyFile}
		c.SASL = SASL{Mechanism: "SCRAM-SHA-512", User: "ada", Password: "secret"}
	}
	for _, c := range []struct {
		name   string
		addr   string
		change func(*Config)
		want   string
	}{
		{"well, secured", secure, right, "warning | broker …answers (TLS 1.3, logged in as ada)…ends in …renewed"},
		{"nobody there", silent.Addr().String(), nil, "failed | broker …connection refused…nobody answers…KAFKA_BROKERS"},
		{"one of two there", plain + "," + silent.Addr().String(), nil, "warning | broker " + silent.Addr().String() + "…nobody answers"},
		{"TLS where there is none", plain, func(c *Config) { c.TLS.Enabled = true }, "failed | broker …TLS: …KAFKA_TLS=false"},
		{"none where there is TLS", secure, nil, "failed | broker …without TLS…KAFKA_TLS=true"},
		{"unknown authority", secure, func(c *Config) { right(c); c.TLS.CAFile = "" }, "failed | broker …TLS: …KAFKA_TLS_CA"},
		{"another name", secure, func(c *Config) { right(c); c.TLS.ServerName = "kafka.example" }, "failed | broker …kafka.example…KAFKA_TLS_SERVER_NAME"},
		{"no client certificate", secure, func(c *Config) { right(c); c.TLS.CertFile, c.TLS.KeyFile = "", "" }, "failed | broker …KAFKA_TLS_CERT"},
		{"wrong password", secure, func(c *Config) { right(c); c.SASL.Password = "wrong" }, "failed | broker …KAFKA_SASL_PASSWORD"},
		{"another mechanism", secure, func(c *Config) { right(c); c.SASL.Mechanism = "PLAIN" }, "failed | broker …KAFKA_SASL_"},
		{"no log-in", secure, func(c *Config) { right(c); c.SASL = SASL{} }, "failed | broker …KAFKA_SASL_"},
		{"no such file", secure, func(c *Config) { c.TLS = TLS{Enabled: true, CAFile: "/nowhere"} }, "failed | TLS | …/nowhere…KAFKA_TLS_CA"},
	} {
		t.Run(c.name, func(t *testing.T) {
			cfg := DefaultConfig()
			cfg.Brokers, cfg.DialTimeout = strings.Split(c.addr, ","), 2*time.Second
			if c.change != nil {
				c.change(&cfg)
			}
			wantLines(t, examine(t, cfg, Deps{}), c.want)
		})
	}
}

// TestExamineSeesAdvertisedAddresses: the address that was dialled works, the one that
// the cluster names in its answers does not.
func TestExamineSeesAdvertisedAddresses(t *testing.T) {
	b := broker(t, "")
	cfg := DefaultConfig()
	cfg.Brokers = []string{"broker.example:9092"}
	cfg.DialTimeout = time.Second
	deps := Deps{Dialer: func(ctx context.Context, network, addr string) (net.Conn, error) {
		if addr == "broker.example:9092" {
			addr = b.Addr()
			return (&net.Dialer{}).DialContext(ctx, network, strings.Split(addr, ",")[0])
		}
		return nil, fmt.Errorf("dial %s: no route to host", addr)
	}}
	wantLines(t, examine(t, cfg, deps), "ok | broker broker.example:9092", "…broker …no route…advertised.listeners")
}
