package conntrack

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/netlyra/netlyra/internal/models"
)

// endOf plays a script and returns the only connection at its end.
func endOf(t *rapid.T, tt *testing.T, lines []string) models.Connection {
	var got []models.Connection
	table := New(DefaultConfig(), SinkFunc(func(c *models.Connection, e Event) {
		if e == EventEnd {
			got = append(got, *c)
		}
	}))
	for _, l := range lines {
		p := scriptPacket(tt, l)
		table.Track(&p)
	}
	table.Flush()
	if len(got) != 1 {
		t.Fatalf("%d connections, want 1\n%s", len(got), strings.Join(lines, "\n"))
	}
	return got[0]
}

// dataLines returns the indices of the lines with payload and its length.
func dataLines(t *testing.T, lines []string) (at []int, size []uint64) {
	for i, l := range lines {
		if p := scriptPacket(t, l); p.Layers[0].PayloadLen > 0 {
			at = append(at, i)
			size = append(size, uint64(p.Layers[0].PayloadLen))
		}
	}
	return at, size
}

// TestCompleteConversationIsCountedExactly: whatever the initial numbers are, bytes and packets
// of each end are those that it sent, and nothing is missed.
func TestCompleteConversationIsCountedExactly(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		lines, bytes := conversation(rt)
		var packets [2]uint64
		for _, l := range lines {
			from := orig
			if strings.Contains(l, "B:9>") {
				from = resp
			}
			packets[from]++
		}
		c := endOf(rt, t, lines)
		state := "S1"
		if strings.Contains(lines[len(lines)-2], " F ") {
			state = "SF"
		}
		if c.OrigBytes != bytes[orig] || c.RespBytes != bytes[resp] || c.OrigPackets != packets[orig] || c.RespPackets != packets[resp] ||
			c.MissedBytes != 0 || c.State != state || c.SrcPort != 1 {
			rt.Fatalf("%+v\nwant %v bytes, %v packets, %s\n%s", c, bytes, packets, state, strings.Join(lines, "\n"))
		}
	})
}

// TestMissedSegmentIsAGap: if one segment is not in the capture but acknowledged, exactly its
// bytes are missed. The bytes by sequence numbers stay the same.
func TestMissedSegmentIsAGap(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		lines, bytes := conversation(rt)
		at, size := dataLines(t, lines)
		i := rapid.IntRange(0, len(at)-1).Draw(rt, "missed segment")
		without := append(append([]string(nil), lines[:at[i]]...), lines[at[i]+1:]...)
		c := endOf(rt, t, without)
		if c.MissedBytes != size[i] || c.OrigBytes != bytes[orig] || c.RespBytes != bytes[resp] || !strings.ContainsAny(c.History, "Gg") {
			rt.Fatalf("%d bytes missed, %d and %d bytes, history %s; want %d missed, %v\nwithout line %d of\n%s",
				c.MissedBytes, c.OrigBytes, c.RespBytes, c.History, size[i], bytes, at[i], strings.Join(lines, "\n"))
		}
	})
}

// TestDuplicatesAddPacketsOnly: a mirror port that delivers each packet twice doubles the
// packets but no bytes of the stream.
func TestDuplicatesAddPacketsOnly(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		lines, bytes := conversation(rt)
		var twice []string
		for _, l := range lines {
			twice = append(twice, l, l)
		}
		once, both := endOf(rt, t, lines), endOf(rt, t, twice)
		if both.OrigBytes != bytes[orig] || both.RespBytes != bytes[resp] || both.MissedBytes != 0 || both.State != once.State {
			rt.Fatalf("%+v, want %v bytes, %s\n%s", both, bytes, once.State, strings.Join(lines, "\n"))
		}
		if both.OrigPackets != 2*once.OrigPackets || both.RespPackets != 2*once.RespPackets || both.OrigIPBytes != 2*once.OrigIPBytes {
			rt.Fatalf("%d and %d packets, want twice %d and %d", both.OrigPackets, both.RespPackets, once.OrigPackets, once.RespPackets)
		}
	})
}

// TestLateSegmentIsNoGap: segments in reverse order are not a gap if both arrive before the
// acknowledgement.
func TestLateSegmentIsNoGap(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		lines, bytes := conversation(rt)
		at, _ := dataLines(t, lines)
		// Two segments of one end without the acknowledgement between them, exchanged.
		for i := 0; i+1 < len(at); i++ {
			a, b := at[i], at[i+1]
			if strings.Fields(lines[a])[1] != strings.Fields(lines[b])[1] {
				continue
			}
			swapped := append([]string(nil), lines[:a]...)
			swapped = append(swapped, lines[b], lines[a])
			swapped = append(swapped, lines[b+1:]...)
			for j := range swapped { // in order of time
				_, rest, _ := strings.Cut(swapped[j], " ")
				when, _, _ := strings.Cut(lines[j], " ")
				swapped[j] = when + " " + rest
			}
			if c := endOf(rt, t, swapped); c.MissedBytes != 0 || c.OrigBytes != bytes[orig] || c.RespBytes != bytes[resp] {
				rt.Fatalf("%d bytes missed, %d and %d bytes, want %v\n%s", c.MissedBytes, c.OrigBytes, c.RespBytes, bytes, strings.Join(swapped, "\n"))
			}
			return
		}
	})
}
