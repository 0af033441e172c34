package diagnose

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"reflect"
	"slices"
	"strconv"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"

	"github.com/netlyra/netlyra/internal/bus/client"
	"github.com/netlyra/netlyra/internal/models/vocabulary"
	"github.com/netlyra/netlyra/internal/obs"
)

// brokers checks each configured address separately, then the addresses that the brokers
// advertise, which are those that clients use. usable reports whether at least one
// configured address answers.
func (d *diagnosis) brokers(ctx context.Context) (found []obs.Finding, usable bool) {
	tlsConfig, err := d.Config.TLS.Config()
	if err != nil {
		return []obs.Finding{obs.Fail("TLS", "correct KAFKA_TLS_CA, KAFKA_TLS_CERT and KAFKA_TLS_KEY", "%v", err)}, false
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
			f.Advice = "the brokers advertise this address: set advertised.listeners to an address that this host can reach, or make it reachable. " + f.Advice
		}
		found = append(found, f)
	}
	if usable { // a cluster tolerates the loss of a broker
		for i := range found {
			if found[i].Code == vocabulary.ConditionBrokerUnreachable {
				found[i].Status = obs.StatusWarning
			}
		}
	}
	return found, usable
}

// broker connects to an address step by step, so that the finding names the step that
// fails: TCP, TLS, then authentication and a request. A failed TCP connection has the code
// vocabulary.ConditionBrokerUnreachable. others are the advertised addresses of all brokers
// of the cluster.
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
		f = obs.Fail(check, "start the broker, open the firewall, or change KAFKA_BROKERS", "unreachable: %v", err)
		return f.Coded(vocabulary.ConditionBrokerUnreachable), nil
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
		return obs.Fail(check, d.loginAdvice(err), "accepts TCP connections (%s), but does not answer requests: %v", via, err), nil
	}
	for _, b := range meta.Brokers {
		others = append(others, net.JoinHostPort(b.Host, strconv.Itoa(int(b.Port))))
	}
	if d.Config.SASL.Mechanism != "" {
		via += ", authenticated as " + d.Config.SASL.User
	}
	if expiring != "" {
		return obs.Warn(check, "renew the broker's certificate", "answers (%s), but %s", via, expiring), others
	}
	return obs.Found(check, "answers (%s)", via), others
}

// loginAdvice returns the advice for a broker that accepts connections and does not answer.
func (d *diagnosis) loginAdvice(err error) string {
	_, alert := alertOf(err)
	switch {
	case errors.Is(err, kerr.SaslAuthenticationFailed):
		return "KAFKA_SASL_USER or KAFKA_SASL_PASSWORD is wrong, or the brokers do not have this user"
	case errors.Is(err, kerr.UnsupportedSaslMechanism):
		return "the brokers require another KAFKA_SASL_MECHANISM"
	case errors.Is(err, kerr.IllegalSaslState):
		return "this port does not support SASL: set KAFKA_SASL_MECHANISM=none, or use the port with SASL"
	case alert:
		return tlsAdvice(err)
	case !d.Config.TLS.Enabled && d.Config.SASL.Mechanism == "":
		return "the port may require TLS (KAFKA_TLS=true) or SASL (KAFKA_SASL_MECHANISM), or it is not a port of a Kafka broker"
	case d.Config.SASL.Mechanism != "" && errors.Is(err, io.EOF):
		return "some brokers close the connection if authentication fails: check KAFKA_SASL_USER, KAFKA_SASL_PASSWORD, KAFKA_SASL_MECHANISM and KAFKA_TLS"
	case d.Config.TLS.Enabled && d.Config.TLS.CertFile == "" && errors.Is(err, io.EOF):
		return "the brokers may require a client certificate: set KAFKA_TLS_CERT and KAFKA_TLS_KEY"
	}
	return "compare KAFKA_TLS and KAFKA_SASL_* with the configuration of this port of the broker"
}

// Alerts of a peer that rejects the client certificate (RFC 8446, section 6.2).
const (
	alertBadCertificate      = 42
	alertUnknownCertificate  = 46
	alertUnknownAuthority    = 48
	alertCertificateRequired = 116
)

// alertOf returns the TLS alert that the peer sent; crypto/tls has no exported type for it.
func alertOf(err error) (alert uint64, ok bool) {
	var op *net.OpError
	if !errors.As(err, &op) || op.Op != "remote error" {
		return 0, false
	}
	if v := reflect.ValueOf(op.Err); v.Kind() == reflect.Uint8 {
		return v.Uint(), true
	}
	return 0, false
}

// tlsAdvice returns the advice for a failed TLS handshake.
func tlsAdvice(err error) string {
	var authority x509.UnknownAuthorityError
	var name x509.HostnameError
	var invalid x509.CertificateInvalidError
	var record tls.RecordHeaderError
	alert, _ := alertOf(err)
	switch {
	case errors.As(err, &authority):
		return "set KAFKA_TLS_CA to the PEM file of the authority that signed the broker's certificate"
	case errors.As(err, &name):
		return "set KAFKA_TLS_SERVER_NAME to a name in the broker's certificate, or use that name in KAFKA_BROKERS"
	case errors.As(err, &invalid):
		return "renew the broker's certificate, or correct this host's clock"
	case errors.As(err, &record), errors.Is(err, io.EOF), errors.Is(err, context.DeadlineExceeded):
		return "this port does not use TLS: set KAFKA_TLS=false, or use the port with TLS"
	case alert == alertBadCertificate, alert == alertUnknownCertificate, alert == alertUnknownAuthority, alert == alertCertificateRequired:
		return "the brokers require a client certificate that they trust: set KAFKA_TLS_CERT and KAFKA_TLS_KEY"
	}
	return "compare KAFKA_TLS_* with the configuration of this port of the broker"
}

// ownCertificate checks the client certificate, if one is configured.
func (d *diagnosis) ownCertificate(c *tls.Config) []obs.Finding {
	if c == nil || len(c.Certificates) == 0 {
		return nil
	}
	leaf, err := x509.ParseCertificate(c.Certificates[0].Certificate[0])
	if err != nil {
		return []obs.Finding{obs.Fail("client certificate", "correct KAFKA_TLS_CERT", "%v", err)}
	}
	if bad := expiry(leaf, d.Now()); bad != "" {
		return []obs.Finding{obs.Warn("client certificate", "renew the certificate in KAFKA_TLS_CERT", "%s", bad)}
	}
	return []obs.Finding{obs.Found("client certificate", "%s, expires on %s", leaf.Subject, leaf.NotAfter.Format(time.DateOnly))}
}

// expiry returns a text if a certificate has expired or expires within two weeks, else "".
func expiry(cert *x509.Certificate, now time.Time) string {
	switch left := cert.NotAfter.Sub(now); {
	case left < 0:
		return fmt.Sprintf("the certificate of %s expired on %s", cert.Subject, cert.NotAfter.Format(time.DateOnly))
	case left < 14*24*time.Hour:
		return fmt.Sprintf("the certificate of %s expires in %.0f hours", cert.Subject, left.Hours())
	}
	return ""
}
