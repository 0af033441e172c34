package consumer

import (
	"errors"
	"fmt"

	"github.com/twmb/franz-go/pkg/kerr"
)

// refusal is what joining the group again cannot mend, with what to do; nil where it can.
func (g *Group) refusal(err error) error {
	var advice string
	switch {
	case errors.Is(err, kerr.InvalidSessionTimeout):
		advice = fmt.Sprintf("the brokers do not allow KAFKA_SESSION_TIMEOUT=%v; choose one from group.min.session.timeout.ms to group.max.session.timeout.ms of theirs", g.cfg.SessionTimeout)
	case errors.Is(err, kerr.FencedInstanceID):
		advice = fmt.Sprintf("another process has come with GROUP_INSTANCE_ID=%s; give each its own", g.cfg.InstanceID)
	case errors.Is(err, kerr.InconsistentGroupProtocol):
		advice = "members that share out partitions in another way are in it: another program, or ENGINE_LANES differs; stop them, or choose another group"
	case errors.Is(err, kerr.GroupAuthorizationFailed), errors.Is(err, kerr.TopicAuthorizationFailed):
		advice = "the user of KAFKA_SASL_USER may not read there; `netlyra doctor` tells what it needs"
	default:
		return nil
	}
	return fmt.Errorf("bus: group %s: %s: %w", g.cfg.Group, advice, err)
}
