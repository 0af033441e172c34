package consumer

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// laneBalancer assigns whole lanes: the partitions p with the same p mod lanes always
// go to one member, for they share a model. It is cooperative, and sticky: a member
// keeps its lanes as long as that leaves nobody with two more than another. Members
// that have another number of lanes configured cannot join the same group.
type laneBalancer struct {
	kgo.GroupBalancer // cooperative-sticky, for how members tell what they have
	lanes             int32
}

func newLaneBalancer(lanes int32) kgo.GroupBalancer {
	return &laneBalancer{GroupBalancer: kgo.CooperativeStickyBalancer(), lanes: lanes}
}

// ProtocolName is what members must agree upon.
func (b *laneBalancer) ProtocolName() string { return fmt.Sprintf("netlyra-lanes-%d", b.lanes) }

// MemberBalancer is called at the member that leads the group.
func (b *laneBalancer) MemberBalancer(members []kmsg.JoinGroupResponseMember) (kgo.GroupMemberBalancer, map[string]struct{}, error) {
	cb, err := kgo.NewConsumerBalancer(b, members)
	return cb, cb.MemberTopics(), err
}

// claim is what a member has of a lane.
type claim struct {
	member     int
	partitions int
	generation int32
}

// Balance gives each lane of each topic to a member.
func (b *laneBalancer) Balance(cb *kgo.ConsumerBalancer, topics map[string]int32) kgo.IntoSyncAssignment {
	plan := cb.NewPlan()
	for _, topic := range sortedKeys(topics) {
		b.deal(cb, plan, topic, topics[topic])
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

// deal gives the lanes of one topic away: first to who has them, then to who has fewest.
func (b *laneBalancer) deal(cb *kgo.ConsumerBalancer, plan *kgo.BalancePlan, topic string, partitions int32) {
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

// interested is the members that want the topic, by their place.
func interested(cb *kgo.ConsumerBalancer, topic string) (members []int) {
	for i := range cb.Members() {
		if _, meta := cb.MemberAt(i); slices.Contains(meta.Topics, topic) {
			members = append(members, i)
		}
	}
	return members
}

// claims is by lane who has it, the newest claim of the most partitions first.
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
