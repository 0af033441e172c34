package diagnose

import (
	"context"
	"fmt"
	"strings"

	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/netlyra/netlyra/internal/bus/embedded"
	"github.com/netlyra/netlyra/internal/obs"
)

// needed are the requests without which NetLyra cannot work, each in the oldest
// version that will do. All brokers since Apache Kafka 0.11 have them.
var needed = []struct {
	key     kmsg.Key
	version int16
	what    string
}{
	{kmsg.Produce, 3, "record headers"},
	{kmsg.Fetch, 4, "record headers"},
	{kmsg.InitProducerID, 0, "idempotent producers"},
	{kmsg.JoinGroup, 1, "consumer groups"},
	{kmsg.OffsetCommit, 2, "committed offsets"},
	{kmsg.ListOffsets, 1, "offsets by time"},
}

// staticMembership is the version of JoinGroup that GROUP_INSTANCE_ID needs.
const staticMembership = 5

// cluster looks at what all brokers together are and can do.
func (d *diagnosis) cluster(ctx context.Context) (found []obs.Finding, err error) {
	meta, err := d.c.Admin().BrokerMetadata(ctx)
	if err != nil {
		return nil, err
	}
	versions, err := d.c.Admin().ApiVersions(ctx)
	if err != nil {
		return nil, err
	}
	names := map[string]int{}
	for _, b := range versions.Sorted() {
		check := fmt.Sprintf("broker %d", b.NodeID)
		if b.Err != nil {
			found = append(found, obs.Warn(check, "see whether this broker is up", "does not answer: %v", b.Err))
			continue
		}
		names[b.VersionGuess()]++
		if lacks := d.lacks(b.KeyMaxVersion); len(lacks) > 0 {
			found = append(found, obs.Fail(check, "use Apache Kafka 2.3 or newer, or Redpanda", "lacks %s", strings.Join(lacks, ", ")))
		}
	}
	list := make([]string, 0, len(names))
	for name, n := range names {
		list = append(list, fmt.Sprintf("%d × %s", n, name))
	}
	if meta.Cluster == embedded.ClusterID {
		return append(found, obs.Found("cluster", "the broker inside NetLyra: for one host, without replicas")), nil
	}
	say := obs.Found("cluster", "%s with %d brokers (%s), controller %d", text(meta.Cluster), len(meta.Brokers), strings.Join(list, ", "), meta.Controller)
	if len(meta.Brokers) == 2 {
		say = obs.Warn("cluster", "three brokers bear the loss of one; two do not, for the other alone is no majority", "%s", say.Detail)
	}
	return append(found, say), nil
}

// lacks is what a broker cannot do.
func (d *diagnosis) lacks(version func(key int16) (int16, bool)) (lacks []string) {
	for _, n := range needed {
		if v, ok := version(n.key.Int16()); !ok || v < n.version {
			lacks = append(lacks, n.what)
		}
	}
	if v, ok := version(kmsg.JoinGroup.Int16()); d.Config.InstanceID != "" && (!ok || v < staticMembership) {
		lacks = append(lacks, "static membership (GROUP_INSTANCE_ID)")
	}
	return lacks
}

func text(s string) string {
	if s == "" {
		return "a cluster"
	}
	return s
}
