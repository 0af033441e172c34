package diagnose

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

	"github.com/netlyra/netlyra/internal/bus/bustest"
	"github.com/netlyra/netlyra/internal/bus/client"
)

// TestBrokers checks the finding for each reason why a broker cannot be used.
func TestBrokers(t *testing.T) {
	cert, certFile, keyFile := bustest.Certificate(t)
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
	unused, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = unused.Close()
	right := func(c *client.Config) {
		c.TLS = client.TLS{Enabled: true, CAFile: certFile, CertFile: certFile, KeyFile: keyFile}
		c.SASL = client.SASL{Mechanism: "SCRAM-SHA-512", User: "ada", Password: "secret"}
	}
	for _, c := range []struct {
		name   string
		addr   string
		change func(*client.Config)
		want   string
	}{
		{"TLS and SASL, certificate expires soon", secure, right, "warning broker | broker …answers (TLS 1.3, authenticated as ada)…expires in …renew"},
		{"unreachable", unused.Addr().String(), nil, "failed broker_unreachable | broker …connection refused…KAFKA_BROKERS"},
		{"one of two unreachable", plain + "," + unused.Addr().String(), nil, "warning broker_unreachable | broker " + unused.Addr().String()},
		{"TLS on a port without TLS", plain, func(c *client.Config) { c.TLS.Enabled = true }, "failed broker | broker …TLS: …KAFKA_TLS=false"},
		{"no TLS on a port with TLS", secure, nil, "failed broker | broker …without TLS…KAFKA_TLS=true"},
		{"unknown authority", secure, func(c *client.Config) { right(c); c.TLS.CAFile = "" }, "failed broker | broker …TLS: …KAFKA_TLS_CA"},
		{"name not in the certificate", secure, func(c *client.Config) { right(c); c.TLS.ServerName = "kafka.example" }, "failed broker | broker …kafka.example…KAFKA_TLS_SERVER_NAME"},
		{"no client certificate", secure, func(c *client.Config) { right(c); c.TLS.CertFile, c.TLS.KeyFile = "", "" }, "failed broker | broker …KAFKA_TLS_CERT"},
		{"wrong password", secure, func(c *client.Config) { right(c); c.SASL.Password = "wrong" }, "failed broker | broker …KAFKA_SASL_PASSWORD"},
		{"another mechanism", secure, func(c *client.Config) { right(c); c.SASL.Mechanism = "PLAIN" }, "failed broker | broker …KAFKA_SASL_"},
		{"no SASL", secure, func(c *client.Config) { right(c); c.SASL = client.SASL{} }, "failed broker | broker …KAFKA_SASL_"},
		{"no such file", secure, func(c *client.Config) { c.TLS = client.TLS{Enabled: true, CAFile: "/nowhere"} }, "failed broker | TLS | …/nowhere…KAFKA_TLS_CA"},
	} {
		t.Run(c.name, func(t *testing.T) {
			cfg := client.DefaultConfig()
			cfg.Brokers, cfg.DialTimeout = strings.Split(c.addr, ","), 2*time.Second
			if c.change != nil {
				c.change(&cfg)
			}
			wantLines(t, examine(t, cfg, client.Deps{}), c.want)
		})
	}
}

// TestAdvertisedAddresses checks a cluster whose configured address works and whose
// advertised address does not.
func TestAdvertisedAddresses(t *testing.T) {
	b := bustest.StartBroker(t, "")
	cfg := client.DefaultConfig()
	cfg.Brokers = []string{"broker.example:9092"}
	cfg.DialTimeout = time.Second
	deps := client.Deps{Dialer: func(ctx context.Context, network, addr string) (net.Conn, error) {
		if addr == "broker.example:9092" {
			addr = b.Addr()
			return (&net.Dialer{}).DialContext(ctx, network, strings.Split(addr, ",")[0])
		}
		return nil, fmt.Errorf("dial %s: no route to host", addr)
	}}
	wantLines(t, examine(t, cfg, deps), "ok broker | broker broker.example:9092", "…broker …no route…advertised.listeners")
}
