package diagnose

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"

	"github.com/netlyra/netlyra/internal/bus/client"
	"github.com/netlyra/netlyra/internal/obs"
)

// brokers tries each configured address by itself, then those that the cluster names
// in its answers, which are what clients really use. usable is whether any of the
// configured ones answers.
func (d *diagnosis) brokers(ctx context.Context) (found []obs.Finding, usable bool) {
	tlsConfig, err := d.Config.TLS.Config()
	if err != nil {
		return []obs.Finding{obs.Fail("TLS", "mend KAFKA_TLS_CA, KAFKA_TLS_CERT, KAFKA_TLS_KEY", "%v", err)}, false
	}
	found = append(found, d.ownCertificate(tlsConfig)...)
	var advertised []string
	for _, addr := range d.Config.Brokers {
		f, others := d.broker(ctx, addr, tlsConfig)
		found = append(found, f)
		for _, o := range others {
			if !slices.Contains(advertised, o) && !slices.Contains(d.Config.Brokers, o) {
				advertised = append(advertised, o)
			}
		}
		usable = usable || f.Status != obs.StatusFailed
	}
	for _, addr := range advertised {
		f, _ := d.broker(ctx, addr, tlsConfig)
		if f.Status == obs.StatusFailed {
			f.Advice = "the brokers tell clients to use this address: set advertised.listeners there to one that this host can reach, or let it be reached. " + f.Advice
		}
		found = append(found, f)
	}
	if usable { // a cluster is made to bear the loss of a broker
		for i := range found {
			if found[i].Status == obs.StatusFailed && strings.HasSuffix(found[i].Detail, unreachable) {
				found[i].Status = obs.StatusWarning
			}
		}
	}
	return found, usable
}

// unreachable ends the Detail of an address where nobody listens.
const unreachable = "nobody answers there"

// broker goes one step after the other, so that the one that fails is known: TCP, TLS,
// log-in and a request. others are the addresses of all brokers of the cluster.
func (d *diagnosis) broker(ctx context.Context, addr string, tlsConfig *tls.Config) (f obs.Finding, others []string) {
	ctx, cancel := context.WithTimeout(ctx, d.Config.DialTimeout)
	defer cancel()
	check := "broker " + addr
	dial := d.Deps.Dialer
	if dial == nil {
		dial = (&net.Dialer{}).DialContext
	}
	conn, err := dial(ctx, "tcp", addr)
	if err != nil {
		return obs.Fail(check, "start the broker, open the firewall, or change KAFKA_BROKERS", "%v: %s", err, unreachable), nil
	}
	_ = conn.Close()
	via := "without TLS"
	var expiring string
	if tlsConfig != nil {
		secure, err := client.OverTLS(dial, tlsConfig)(ctx, "tcp", addr)
		if err != nil {
			return obs.Fail(check, tlsAdvice(err), "TLS: %v", err), nil
		}
		state := secure.(*tls.Conn).ConnectionState()
		via = tls.VersionName(state.Version)
		expiring = expiry(state.PeerCertificates[0], d.Now())
		_ = secure.Close()
	}
	meta, err := client.Probe(ctx, addr, d.Config, d.Deps)
	if err != nil {
		return obs.Fail(check, d.loginAdvice(err), "TCP is fine, %s, but there is no answer: %v", via, err), nil
	}
	for _, b := range meta.Brokers {
		others = append(others, net.JoinHostPort(b.Host, strconv.Itoa(int(b.Port))))
	}
	if d.Config.SASL.Mechanism != "" {
		via += ", logged in as " + d.Config.SASL.User
	}
	if expiring != "" {
		return obs.Warn(check, "have the broker's certificate renewed", "answers (%s), but %s", via, expiring), others
	}
	return obs.Found(check, "answers (%s)", via), others
}

// loginAdvice is what to do about a broker that takes connections and does not answer.
func (d *diagnosis) loginAdvice(err error) string {
	var alert tls.AlertError
	switch {
	case errors.Is(err, kerr.SaslAuthenticationFailed):
		return "KAFKA_SASL_USER or KAFKA_SASL_PASSWORD is wrong, or the user is not known to the brokers"
	case errors.Is(err, kerr.UnsupportedSaslMechanism):
		return "the brokers want another KAFKA_SASL_MECHANISM"
	case errors.Is(err, kerr.IllegalSaslState):
		return "this port has no log-in: set KAFKA_SASL_MECHANISM=none, or use the port that has"
	case !d.Config.TLS.Enabled && strings.Contains(err.Error(), "tls alert"):
		return "this port wants TLS: set KAFKA_TLS=true, or use the port that does without"
	case errors.As(err, &alert), strings.Contains(err.Error(), "tls: "):
		return tlsAdvice(err)
	case !d.Config.TLS.Enabled && d.Config.SASL.Mechanism == "":
		return "the port may want TLS (KAFKA_TLS=true) or a log-in (KAFKA_SASL_MECHANISM), or it is no Kafka broker"
	case d.Config.SASL.Mechanism != "" && errors.Is(err, io.EOF):
		return "some brokers just hang up at a log-in that is wrong: look at KAFKA_SASL_USER, KAFKA_SASL_PASSWORD and KAFKA_SASL_MECHANISM"
	case d.Config.TLS.Enabled && d.Config.TLS.CertFile == "" && errors.Is(err, io.EOF):
		return "the brokers may want a client certificate: set KAFKA_TLS_CERT and KAFKA_TLS_KEY"
	}
	return "compare KAFKA_TLS and KAFKA_SASL_* with what this port of the broker wants"
}

// tlsAdvice is what to do about a handshake that failed.
func tlsAdvice(err error) string {
	var authority x509.UnknownAuthorityError
	var name x509.HostnameError
	var invalid x509.CertificateInvalidError
	var record tls.RecordHeaderError
	switch text := err.Error(); {
	case errors.As(err, &authority):
		return "KAFKA_TLS_CA must name the PEM file of the authority that signed the broker's certificate"
	case errors.As(err, &name):
		return "set KAFKA_TLS_SERVER_NAME to a name in the broker's certificate, or name the broker so in KAFKA_BROKERS"
	case errors.As(err, &invalid):
		return "have the broker's certificate renewed, or set this host's clock"
	case errors.As(err, &record), errors.Is(err, io.EOF), errors.Is(err, context.DeadlineExceeded):
		return "this port does not speak TLS: set KAFKA_TLS=false, or use the port that does"
	case strings.Contains(text, "certificate required"), strings.Contains(text, "bad certificate"), strings.Contains(text, "unknown certificate"):
		return "the brokers want a client certificate that they trust: set KAFKA_TLS_CERT and KAFKA_TLS_KEY"
	}
	return "compare KAFKA_TLS_* with what this port of the broker wants"
}

// ownCertificate looks at the client certificate, where there is one.
func (d *diagnosis) ownCertificate(c *tls.Config) []obs.Finding {
	if c == nil || len(c.Certificates) == 0 {
		return nil
	}
	leaf, err := x509.ParseCertificate(c.Certificates[0].Certificate[0])
	if err != nil {
		return []obs.Finding{obs.Fail("client certificate", "mend KAFKA_TLS_CERT", "%v", err)}
	}
	if bad := expiry(leaf, d.Now()); bad != "" {
		return []obs.Finding{obs.Warn("client certificate", "renew it: KAFKA_TLS_CERT", "%s", bad)}
	}
	return []obs.Finding{obs.Found("client certificate", "%s, until %s", leaf.Subject, leaf.NotAfter.Format(time.DateOnly))}
}

// expiry says that a certificate is over, or will be within two weeks.
func expiry(cert *x509.Certificate, now time.Time) string {
	switch left := cert.NotAfter.Sub(now); {
	case left < 0:
		return fmt.Sprintf("the certificate of %s ended on %s", cert.Subject, cert.NotAfter.Format(time.DateOnly))
	case left < 14*24*time.Hour:
		return fmt.Sprintf("the certificate of %s ends in %.0f hours", cert.Subject, left.Hours())
	}
	return ""
}
