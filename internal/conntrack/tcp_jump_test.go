package conntrack

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/netlyra/netlyra/internal/models"
)

// conversation is a whole connection of some segments, as lines of a script, with the
// bytes of each end. The numbers may pass 2^32.
func conversation(t *rapid.T) (lines []string, bytes [2]uint64) {
	number := rapid.Uint32().Draw
	seq := [2]uint32{number(t, "isn A"), number(t, "isn B")}
	say := func(from int, flags string, n int) {
		ends := [2]string{"A:1>B:9", "B:9>A:1"}
		ack := ""
		if len(lines) > 0 {
			ack = fmt.Sprintf(" ack=%d", seq[1-from])
		}
		lines = append(lines, fmt.Sprintf("%.2f %s %s seq=%d%s len=%d", float64(len(lines))/100, ends[from], flags, seq[from], ack, n))
		seq[from] += uint32(n)
		bytes[from] += uint64(n)
		if strings.ContainsAny(flags, "SF") {
			seq[from]++
		}
	}
	say(orig, "S", 0)
	say(resp, "S", 0)
	say(orig, ".", 0)
	for range rapid.IntRange(1, 10).Draw(t, "segments") {
		from := rapid.IntRange(0, 1).Draw(t, "from")
		say(from, "P", rapid.IntRange(1, 1400).Draw(t, "len"))
		say(1-from, ".", 0)
	}
	if rapid.Bool().Draw(t, "closed") {
		say(orig, "F", 0)
		say(resp, "F", 0)
		say(orig, ".", 0)
	}
	return lines, bytes
}

// TestAStrayPacketChangesNoCount: one packet with unrelated numbers, wherever it comes
// and however often, adds no bytes but its own to what the conversation has.
func TestAStrayPacketChangesNoCount(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		lines, bytes := conversation(rt)
		at := rapid.IntRange(1, len(lines)).Draw(rt, "at")
		from := rapid.SampledFrom([]string{"A:1>B:9", "B:9>A:1"}).Draw(rt, "stray from")
		flags := rapid.SampledFrom([]string{"S", "SA", "R", "RA", "F", "FA", ".", "P", "FP"}).Draw(rt, "flags")
		n := rapid.SampledFrom([]int{0, 0, 1, 700}).Draw(rt, "stray len")
		stray := fmt.Sprintf("%.3f %s %s seq=%d len=%d", float64(at)/100-0.005, from, flags, rapid.Uint32().Draw(rt, "stray seq"), n)
		if flags != "S" && flags != "R" {
			stray += fmt.Sprintf(" ack=%d", rapid.Uint32().Draw(rt, "stray ack"))
		}
		var all []string
		all = append(all, lines[:at]...)
		for range rapid.IntRange(1, 3).Draw(rt, "times") {
			all = append(all, stray)
		}
		all = append(all, lines[at:]...)
		var got [2]uint64
		table := New(DefaultConfig(), SinkFunc(func(c *models.Connection, e Event) {
			if e == EventEnd {
				got[0] += c.OrigBytes
				got[1] += c.RespBytes
			}
		}))
		for _, l := range all {
			p := scriptPacket(t, l)
			table.Track(&p)
		}
		table.Flush()
		// What lies within the nearest megabyte may be a gap of the capture. Connections
		// that a stray SYN divides count the boundary once each.
		most := bytes[0] + bytes[1] + uint64(3*n) + 3*tooLargeJump
		if got[0]+got[1] > most {
			rt.Fatalf("%v bytes, the conversation has %v\n%s", got, bytes, strings.Join(all, "\n"))
		}
	})
}
