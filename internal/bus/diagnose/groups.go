package diagnose

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"

	"github.com/netlyra/netlyra/internal/bus/extent"
	"github.com/netlyra/netlyra/internal/obs"
)

// groups checks the members and the lag of each consumer group.
func (d *diagnosis) groups(ctx context.Context) (found []obs.Finding, err error) {
	lags, err := d.c.Admin().Lag(ctx, slices.Clone(d.Groups)...) // kadm modifies its arguments
	// A new cluster has no coordinator before the first group.
	if err != nil && !errors.Is(err, kerr.CoordinatorNotAvailable) {
		return nil, err
	}
	for _, name := range d.Groups {
		l, ok := lags[name]
		if !ok || l.State == "Dead" {
			found = append(found, obs.Found("group "+name, "has never been used on this cluster"))
			continue
		}
		if err := l.Error(); err != nil {
			found = append(found, obs.Fail("group "+name, "this user may not be authorized to describe the group", "%v", err))
			continue
		}
		found = append(found, d.group(name, l, d.lag(ctx, l)))
	}
	return found, nil
}

// lag returns the lag of a group in offsets, 0 if no record remains to be read: offsets
// without records do not count.
func (d *diagnosis) lag(ctx context.Context, l kadm.DescribedGroupLag) (behind int64) {
	for _, p := range l.Lag.Sorted() {
		if p.Lag <= 0 || p.End.Err != nil {
			continue
		}
		k := extent.Key{Topic: p.Topic, Partition: p.Partition}
		behind += d.behind(ctx, k, p.End.Offset-p.Lag, p.End.Offset)
	}
	return behind
}

// behind returns the offsets between a position and the end of the log, 0 if none of them has
// a record.
func (d *diagnosis) behind(ctx context.Context, k extent.Key, at, end int64) int64 {
	if at >= end {
		return 0
	}
	if a, err := d.c.Next(ctx, k, at); err == nil && !a.Record {
		at = a.Next
	}
	return max(end-at, 0)
}

// group returns the finding about one group.
func (d *diagnosis) group(name string, l kadm.DescribedGroupLag, behind int64) obs.Finding {
	check := "group " + name
	if len(l.Members) == 0 {
		if behind > 0 {
			return obs.Warn(check, "start "+d.consumer(name), "no members, lag %d records", behind)
		}
		return obs.Found(check, "no members, no lag")
	}
	var who []string
	held := map[int32]string{} // by partition of packets: the member
	for _, m := range l.Members {
		parts := assignedPartitions(m)
		packets := parts[d.c.Config().Topics.Packets]
		for _, p := range packets {
			held[p] = m.MemberID
		}
		who = append(who, describeMember(m, parts))
	}
	detail := fmt.Sprintf("%s, lag %d records: %s", l.State, behind, strings.Join(who, "; "))
	if lane, split := d.splitLane(held); split && name == d.Config.EngineGroup {
		return obs.Fail(check, "set the same ENGINE_LANES for all engines of the group", "partitions of lane %d are assigned to several engines; %s", lane, detail)
	}
	if l.State != "Stable" {
		return obs.Warn(check, "members are joining or leaving; run doctor again in a few seconds", "%s", detail)
	}
	return obs.Found(check, "%s", detail)
}

// consumer returns what to start to consume the topics of a group.
func (d *diagnosis) consumer(group string) string {
	if group == d.Config.EngineGroup {
		return "an engine: netlyra engine"
	}
	return "a core: netlyra core"
}

// splitLane returns a lane whose partitions are assigned to several members, which then each
// have a model of a part of the lane. held is the member of each partition.
func (d *diagnosis) splitLane(held map[int32]string) (lane int32, split bool) {
	lanes := max(d.Lanes, 1)
	owner := map[int32]string{}
	for p, member := range held {
		lane = p % lanes
		if o, ok := owner[lane]; ok && o != member {
			return lane, true
		}
		owner[lane] = member
	}
	return 0, false
}

// assignedPartitions returns the partitions of a member, by topic.
func assignedPartitions(m kadm.DescribedGroupMember) map[string][]int32 {
	out := map[string][]int32{}
	if c, ok := m.Assigned.AsConsumer(); ok {
		for _, t := range c.Topics {
			out[t.Topic] = slices.Sorted(slices.Values(t.Partitions))
		}
	}
	return out
}

func describeMember(m kadm.DescribedGroupMember, parts map[string][]int32) string {
	name := m.ClientID + " on " + strings.TrimPrefix(m.ClientHost, "/")
	if m.InstanceID != nil {
		name = *m.InstanceID + " (static) on " + strings.TrimPrefix(m.ClientHost, "/")
	}
	var has []string
	for topic, ps := range parts {
		if len(ps) > 0 {
			has = append(has, fmt.Sprintf("%s %s", topic, strings.Trim(fmt.Sprint(ps), "[]")))
		}
	}
	if len(has) == 0 {
		return name + " is on standby"
	}
	slices.Sort(has)
	return name + " has " + strings.Join(has, ", ")
}
