package consumer

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// laneBalancer assigns whole lanes: the partitions p with the same p mod lanes go to one
// member, because they share a model. It is cooperative and sticky: a member keeps its
// lanes unless it would have two more than another member. Members with another number of
// lanes cannot join the same group.
type laneBalancer struct {
	kgo.GroupBalancer // cooperative-sticky, for the encoding of owned partitions
	lanes             int32
}

func newLaneBalancer(lanes int32) kgo.GroupBalancer {
	return &laneBalancer{GroupBalancer: kgo.CooperativeStickyBalancer(), lanes: lanes}
}

// ProtocolName implements kgo.GroupBalancer. All members must have the same.
func (b *laneBalancer) ProtocolName() string { return fmt.Sprintf("netlyra-lanes-%d", b.lanes) }

// MemberBalancer implements kgo.GroupBalancer; the leader of the group calls it.
func (b *laneBalancer) MemberBalancer(members []kmsg.JoinGroupResponseMember) (kgo.GroupMemberBalancer, map[string]struct{}, error) {
	cb, err := kgo.NewConsumerBalancer(b, members)
	return cb, cb.MemberTopics(), err
}

// claim is the share of a lane that a member owns.
type claim struct {
	member     int
	partitions int
	generation int32
}

// Balance assigns each lane of each topic to a member.
func (b *laneBalancer) Balance(cb *kgo.ConsumerBalancer, topics map[string]int32) kgo.IntoSyncAssignment {
	plan := cb.NewPlan()
	for _, topic := range sortedKeys(topics) {
		b.assign(cb, plan, topic, topics[topic])
	}
	plan.AdjustCooperative(cb)
	return plan
}

func sortedKeys(m map[string]int32) (keys []string) {
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// assign assigns the lanes of one topic, first to their owners, then to the members with the
// fewest lanes.
func (b *laneBalancer) assign(cb *kgo.ConsumerBalancer, plan *kgo.BalancePlan, topic string, partitions int32) {
	lanes := int(min(b.lanes, partitions))
	members := interested(cb, topic)
	if lanes == 0 || len(members) == 0 {
		return
	}
	owner, load := make([]int, lanes), map[int]int{}
	most := (lanes + len(members) - 1) / len(members)
	for lane, claims := range b.claims(cb, members, topic, lanes) {
		owner[lane] = -1
		for _, c := range claims {
			if load[c.member] < most {
				owner[lane] = c.member
				load[c.member]++
				break
			}
		}
	}
	for lane := range owner {
		if owner[lane] < 0 {
			owner[lane] = slices.MinFunc(members, func(a, c int) int { return cmp.Compare(load[a], load[c]) })
			load[owner[lane]]++
		}
		m, _ := cb.MemberAt(owner[lane])
		for p := int32(lane); p < partitions; p += int32(lanes) {
			plan.AddPartition(m, topic, p)
		}
	}
}

// interested returns the indexes of the members that subscribe to the topic.
func interested(cb *kgo.ConsumerBalancer, topic string) (members []int) {
	for i := range cb.Members() {
		if _, meta := cb.MemberAt(i); slices.Contains(meta.Topics, topic) {
			members = append(members, i)
		}
	}
	return members
}

// claims returns by lane the claims to it, the newest and then the largest first.
func (b *laneBalancer) claims(cb *kgo.ConsumerBalancer, members []int, topic string, lanes int) [][]claim {
	claims := make([][]claim, lanes)
	for _, i := range members {
		_, meta := cb.MemberAt(i)
		has := make([]int, lanes)
		for _, owned := range meta.OwnedPartitions {
			if owned.Topic != topic {
				continue
			}
			for _, p := range owned.Partitions {
				has[int(p)%lanes]++
			}
		}
		for lane, n := range has {
			if n > 0 {
				claims[lane] = append(claims[lane], claim{i, n, meta.Generation})
			}
		}
	}
	for _, list := range claims {
		slices.SortStableFunc(list, func(a, c claim) int {
			return cmp.Or(cmp.Compare(c.generation, a.generation), cmp.Compare(c.partitions, a.partitions))
		})
	}
	return claims
}
