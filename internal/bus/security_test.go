package bus

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
)

// certificate makes a self-signed one for 127.0.0.1, and its files.
func certificate(t *testing.T) (cert tls.Certificate, certFile, keyFile string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	tmpl := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test"}, IPAddresses: []net.IP{{127, 0, 0, 1}}, IsCA: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}}
	der, err := x509.CreateCertificate(rand.Reader, tmpl, tmpl, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	keyDER, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	certFile, keyFile = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	for file, block := range map[string]*pem.Block{certFile: {Type: "CERTIFICATE", Bytes: der}, keyFile: {Type: "EC PRIVATE KEY", Bytes: keyDER}} {
		if err := os.WriteFile(file, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if cert, err = tls.LoadX509KeyPair(certFile, keyFile); err != nil {
		t.Fatal(err)
	}
	return cert, certFile, keyFile
}

func TestTLSAndSASL(t *testing.T) {
	cert, certFile, keyFile := certificate(t)
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
			secure := func(c *Config) {
				c.TLS = TLS{Enabled: true, CAFile: certFile, CertFile: certFile, KeyFile: keyFile}
				c.SASL = SASL{Mechanism: mechanism, User: "ada", Password: "secret"}
			}
			c := dial(t, addr, Deps{}, secure)
			publish(t, c, 0, 10)
			c = dial(t, addr, Deps{Dialer: (&net.Dialer{}).DialContext}, secure)
			publish(t, c, 10, 20)
			for name, change := range map[string]func(*Config){
				"wrong password":    func(c *Config) { c.SASL.Password = "wrong" },
				"unknown authority": func(c *Config) { c.TLS.CAFile = "" },
			} {
				cfg := DefaultConfig()
				cfg.Brokers, cfg.DialTimeout = []string{addr}, time.Second
				secure(&cfg)
				change(&cfg)
				if _, err := Dial(t.Context(), cfg, Deps{}); err == nil || !strings.Contains(err.Error(), "TLS and SASL") {
					t.Errorf("%s: %v", name, err)
				}
			}
		})
	}
}

func TestConfigSaysAllThatIsWrong(t *testing.T) {
	cfg := Config{Brokers: []string{"nohost"}, Encoding: "xml", Compression: "rar", Linger: time.Hour, TLS: TLS{CAFile: "x"}, SASL: SASL{User: "u"}}
	cfg.Topics.Alerts, cfg.Topics.Models = "same", "same"
	err := cfg.Validate()
	if err == nil {
		t.Fatal("no error")
	}
	for _, want := range []string{"nohost", "no name", `"same"`, "PACKETS_PARTITIONS", "replication", "retention", "xml", "packed record", "rar", "linger", "buffer", "TLS is off", "mechanism"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("no %q in %v", want, err)
		}
	}
	cfg = DefaultConfig()
	if err := cfg.Validate(); err != nil {
		t.Error(err)
	}
}
