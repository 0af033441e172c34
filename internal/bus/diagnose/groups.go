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

// groups looks at who works and how far behind they are.
func (d *diagnosis) groups(ctx context.Context) (found []obs.Finding, err error) {
	lags, err := d.c.Admin().Lag(ctx, slices.Clone(d.Groups)...) // kadm writes into what it is given
	// A fresh cluster has no coordinator before the first group.
	if err != nil && !errors.Is(err, kerr.CoordinatorNotAvailable) {
		return nil, err
	}
	for _, name := range d.Groups {
		l, ok := lags[name]
		if !ok || l.State == "Dead" {
			found = append(found, obs.Found("group "+name, "has never worked on this cluster"))
			continue
		}
		if err := l.Error(); err != nil {
			found = append(found, obs.Fail("group "+name, "this user may lack the right to describe the group", "%v", err))
			continue
		}
		found = append(found, d.group(name, l, d.lag(ctx, l)))
	}
	return found, nil
}

// lag is how far a group is behind, in offsets. Where no record is left to be read it is
// 0, whatever the offsets are.
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

// behind is how many offsets a reader at a position is behind the end of the log; 0 where
// none of them carries a record.
func (d *diagnosis) behind(ctx context.Context, k extent.Key, at, end int64) int64 {
	if at >= end {
		return 0
	}
	if a, err := d.c.Next(ctx, k, at); err == nil && !a.Record {
		at = a.Next
	}
	return max(end-at, 0)
}

// group is one group for a person.
func (d *diagnosis) group(name string, l kadm.DescribedGroupLag, behind int64) obs.Finding {
	check := "group " + name
	if len(l.Members) == 0 {
		if behind > 0 {
			return obs.Warn(check, "start "+d.worker(name), "no members, %d records behind", behind)
		}
		return obs.Found(check, "no members, everything is worked off")
	}
	var who []string
	held := map[int32]string{} // partition of packets → member
	for _, m := range l.Members {
		parts := assignedPartitions(m)
		packets := parts[d.c.Config().Topics.Packets]
		for _, p := range packets {
			held[p] = m.MemberID
		}
		who = append(who, describeMember(m, parts))
	}
	detail := fmt.Sprintf("%s, %d records behind: %s", l.State, behind, strings.Join(who, "; "))
	if torn := d.torn(held); name == d.Config.EngineGroup && torn != "" {
		return obs.Fail(check, "all engines of a group need the same ENGINE_LANES", "%s; %s", torn, detail)
	}
	if l.State != "Stable" {
		return obs.Warn(check, "look again in a few seconds: members are joining or leaving", "%s", detail)
	}
	return obs.Found(check, "%s", detail)
}

func (d *diagnosis) worker(group string) string {
	if group == d.Config.EngineGroup {
		return "an engine: netlyra engine"
	}
	return "a core: netlyra core"
}

// torn names a lane whose partitions more than one member has: a model sees all of its
// lane, or it is no model of it.
func (d *diagnosis) torn(held map[int32]string) string {
	lanes := max(d.Lanes, 1)
	owner := map[int32]string{}
	for p, member := range held {
		lane := p % lanes
		if o, ok := owner[lane]; ok && o != member {
			return fmt.Sprintf("partitions of lane %d are with more than one engine", lane)
		}
		owner[lane] = member
	}
	return ""
}

// assignedPartitions is what a member works on, by topic.
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
		return name + " stands by"
	}
	slices.Sort(has)
	return name + " has " + strings.Join(has, ", ")
}
