package consumer

import (
	"errors"
	"fmt"

	"github.com/twmb/franz-go/pkg/kerr"
)

// refusal returns an error with advice for a failure that joining the group again does not
// resolve, nil for any other.
func (g *Group) refusal(err error) error {
	var advice string
	switch {
	case errors.Is(err, kerr.InvalidSessionTimeout):
		advice = fmt.Sprintf("the brokers do not allow KAFKA_SESSION_TIMEOUT=%v; set it between their group.min.session.timeout.ms and group.max.session.timeout.ms", g.cfg.SessionTimeout)
	case errors.Is(err, kerr.FencedInstanceID):
		advice = fmt.Sprintf("another process joined with GROUP_INSTANCE_ID=%s; give each process its own", g.cfg.InstanceID)
	case errors.Is(err, kerr.InconsistentGroupProtocol):
		advice = "its members use another partition assignment: they are another program, or their ENGINE_LANES differs; stop them, or set another group"
	case errors.Is(err, kerr.GroupAuthorizationFailed), errors.Is(err, kerr.TopicAuthorizationFailed):
		advice = "the user of KAFKA_SASL_USER may not read it; `netlyra doctor` reports which rights it needs"
	default:
		return nil
	}
	return fmt.Errorf("bus: group %s: %s: %w", g.cfg.Group, advice, err)
}
