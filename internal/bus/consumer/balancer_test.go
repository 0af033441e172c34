package consumer

import (
	"fmt"
	"slices"
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

const balanced = "packets"

// rebalance runs the balancer twice, as a cooperative move takes two rounds, and returns the
// partitions of each member.
func rebalance(t *testing.T, lanes, partitions int32, has map[string][]int32, generation int32) map[string][]int32 {
	t.Helper()
	for range 2 {
		b := newLaneBalancer(lanes)
		var members []kmsg.JoinGroupResponseMember
		for id, owned := range has {
			current := map[string][]int32{}
			if len(owned) > 0 {
				current[balanced] = owned
			}
			members = append(members, kmsg.JoinGroupResponseMember{MemberID: id, ProtocolMetadata: b.JoinGroupMetadata([]string{balanced}, current, generation)})
		}
		slices.SortFunc(members, func(a, c kmsg.JoinGroupResponseMember) int {
			return slices.Compare([]byte(a.MemberID), []byte(c.MemberID))
		})
		mb, _, err := b.MemberBalancer(members)
		if err != nil {
			t.Fatal(err)
		}
		into, err := mb.(kgo.GroupMemberBalancerOrError).BalanceOrError(map[string]int32{balanced: partitions})
		if err != nil {
			t.Fatal(err)
		}
		next := map[string][]int32{}
		for id := range has {
			next[id] = nil
		}
		for id, topics := range into.(*kgo.BalancePlan).AsMemberIDMap() {
			next[id] = slices.Sorted(slices.Values(topics[balanced]))
		}
		has, generation = next, generation+1
	}
	return has
}

// whole fails if a lane is split, or a partition has no owner or two.
func whole(t *testing.T, lanes, partitions int32, has map[string][]int32) {
	t.Helper()
	owner, seen := map[int32]string{}, 0
	for id, ps := range has {
		for _, p := range ps {
			lane := p % lanes
			if o, ok := owner[lane]; ok && o != id {
				t.Errorf("lane %d is owned by %s and %s", lane, o, id)
			}
			owner[lane] = id
			seen++
		}
	}
	if seen != int(partitions) {
		t.Errorf("%d of %d partitions are assigned: %v", seen, partitions, has)
	}
}

func TestLanesStayWhole(t *testing.T) {
	for _, lanes := range []int32{1, 2, 3, 8} {
		for members := 1; members <= 5; members++ {
			has := map[string][]int32{}
			for i := range members {
				has[fmt.Sprint("m", i)] = nil
			}
			has = rebalance(t, lanes, 8, has, 1)
			whole(t, lanes, 8, has)
			idle := 0
			for _, ps := range has {
				if len(ps) == 0 {
					idle++
				}
			}
			if want := max(members-int(lanes), 0); idle != want {
				t.Errorf("%d lanes, %d members: %d are idle, want %d", lanes, members, idle, want)
			}
		}
	}
}

func TestLanesAreSticky(t *testing.T) {
	has := rebalance(t, 1, 3, map[string][]int32{"b": {0, 1, 2}, "a": nil, "c": nil}, 4)
	if !slices.Equal(has["b"], []int32{0, 1, 2}) {
		t.Errorf("the owner lost its lane to a new member: %v", has)
	}
	has = rebalance(t, 4, 4, map[string][]int32{"a": {0, 1, 2, 3}, "b": nil}, 4)
	if len(has["a"]) != 2 || len(has["b"]) != 2 {
		t.Errorf("a new member has no share: %v", has)
	}
	delete(has, "a")
	has = rebalance(t, 4, 4, has, 8)
	whole(t, 4, 4, has)
}

// While a lane moves, no member has a part of it.
func TestLaneMovesAsAWhole(t *testing.T) {
	b := newLaneBalancer(2)
	meta := func(ps ...int32) []byte {
		owned := map[string][]int32{}
		if len(ps) > 0 {
			owned[balanced] = ps
		}
		return b.JoinGroupMetadata([]string{balanced}, owned, 3)
	}
	mb, _, err := b.MemberBalancer([]kmsg.JoinGroupResponseMember{{MemberID: "a", ProtocolMetadata: meta(0, 1, 2, 3, 4, 5)}, {MemberID: "b", ProtocolMetadata: meta()}})
	if err != nil {
		t.Fatal(err)
	}
	into, err := mb.(kgo.GroupMemberBalancerOrError).BalanceOrError(map[string]int32{balanced: 6})
	if err != nil {
		t.Fatal(err)
	}
	got := into.(*kgo.BalancePlan).AsMemberIDMap()
	if a := got["a"][balanced]; len(a) != 3 || len(got["b"][balanced]) != 0 {
		t.Errorf("first round: %v", got)
	}
}
