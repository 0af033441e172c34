package client_test

import (
	"crypto/tls"
	"crypto/x509"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"

	"github.com/netlyra/netlyra/internal/bus/bustest"
	"github.com/netlyra/netlyra/internal/bus/client"
)

func TestTLSAndSASL(t *testing.T) {
	cert, certFile, keyFile := bustest.Certificate(t)
	pool := x509.NewCertPool()
	leaf, _ := x509.ParseCertificate(cert.Certificate[0])
	pool.AddCert(leaf)
	for _, mechanism := range []string{"PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"} {
		t.Run(mechanism, func(t *testing.T) {
			b, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.EnableSASL(), kfake.Superuser(mechanism, "ada", "secret"),
				kfake.TLS(&tls.Config{Certificates: []tls.Certificate{cert}, ClientCAs: pool, ClientAuth: tls.RequireAndVerifyClientCert}))
			if err != nil {
				t.Fatal(err)
			}
			defer b.Close()
			addr := b.ListenAddrs()[0]
			secure := func(c *client.Config) {
				c.TLS = client.TLS{Enabled: true, CAFile: certFile, CertFile: certFile, KeyFile: keyFile}
				c.SASL = client.SASL{Mechanism: mechanism, User: "ada", Password: "secret"}
			}
			c := bustest.Dial(t, addr, client.Deps{}, secure)
			bustest.Publish(t, c, 0, 10)
			c = bustest.Dial(t, addr, client.Deps{Dialer: (&net.Dialer{}).DialContext}, secure)
			bustest.Publish(t, c, 10, 20)
			for name, change := range map[string]func(*client.Config){
				"wrong password":    func(c *client.Config) { c.SASL.Password = "wrong" },
				"unknown authority": func(c *client.Config) { c.TLS.CAFile = "" },
			} {
				cfg := client.DefaultConfig()
				cfg.Brokers, cfg.DialTimeout = []string{addr}, time.Second
				secure(&cfg)
				change(&cfg)
				if _, err := client.Dial(t.Context(), cfg, client.Deps{}); err == nil || !strings.Contains(err.Error(), "TLS and SASL") {
					t.Errorf("%s: %v", name, err)
				}
			}
		})
	}
}
