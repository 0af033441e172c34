package diagnose

import (
	"cmp"
	"context"
	"fmt"
	"strings"

	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/netlyra/netlyra/internal/bus/embedded"
	"github.com/netlyra/netlyra/internal/obs"
)

// needed are the requests that NetLyra requires, each with its minimum version. Apache
// Kafka supports all of them since 0.11.
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

// staticMembership is the minimum version of JoinGroup for GROUP_INSTANCE_ID.
const staticMembership = 5

// cluster checks the number of brokers, their versions and the requests that they support.
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
			found = append(found, obs.Warn(check, "check whether this broker runs", "does not answer: %v", b.Err))
			continue
		}
		names[b.VersionGuess()]++
		if missing := d.unsupported(b.KeyMaxVersion); len(missing) > 0 {
			found = append(found, obs.Fail(check, "use Apache Kafka 2.3 or newer, or Redpanda", "does not support %s", strings.Join(missing, ", ")))
		}
	}
	list := make([]string, 0, len(names))
	for name, n := range names {
		list = append(list, fmt.Sprintf("%d × %s", n, name))
	}
	if meta.Cluster == embedded.ClusterID {
		return append(found, obs.Found("cluster", "embedded broker: one host, no replicas")), nil
	}
	f := obs.Found("cluster", "%s with %d brokers (%s), controller %d", cmp.Or(meta.Cluster, "a cluster"), len(meta.Brokers), strings.Join(list, ", "), meta.Controller)
	if len(meta.Brokers) == 2 {
		f = obs.Warn("cluster", "use three brokers: with two, the remaining broker has no majority after the loss of one", "%s", f.Detail)
	}
	return append(found, f), nil
}

// unsupported returns the required features that a broker does not support; version returns
// its maximum version of a request.
func (d *diagnosis) unsupported(version func(key int16) (int16, bool)) (missing []string) {
	for _, n := range needed {
		if v, ok := version(n.key.Int16()); !ok || v < n.version {
			missing = append(missing, n.what)
		}
	}
	if v, ok := version(kmsg.JoinGroup.Int16()); d.Config.InstanceID != "" && (!ok || v < staticMembership) {
		missing = append(missing, "static membership (GROUP_INSTANCE_ID)")
	}
	return missing
}
