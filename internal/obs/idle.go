package obs

import (
	"fmt"
	"time"

	"github.com/netlyra/netlyra/internal/models"
)

// quietAfter is how long a stage may see nothing before it is spoken of.
const quietAfter = 5 * time.Second

// way is the stages that every packet passes, in order.
var way = [...]string{stageCapture, stageDecode, stagePublish, stageConsume, stageScore}

// flow remembers when each stage of the way last passed something on.
type flow struct {
	out   [len(way)]uint64
	moved [len(way)]time.Time
}

func (f *flow) observe(t totals, now time.Time) {
	for i, name := range way {
		if n := t.stage(name).Out; n > f.out[i] {
			f.out[i], f.moved[i] = n, now
		}
	}
}

// idle names the first stage that sees nothing, and says what to do about it; it is
// "" while packets reach the score. In the first seconds nothing is called idle.
func (a *Aggregator) idle(s *models.Stats, t totals, now time.Time) string {
	if now.Sub(a.started) < quietAfter {
		return ""
	}
	still := func(i int) bool { return now.Sub(a.flow.moved[i]) > quietAfter }
	const capture, decode, publish, consume, score = 0, 1, 2, 3, 4
	switch {
	case !still(score):
		return ""
	case !still(consume):
		return a.coldText(s)
	case !still(publish):
		return a.unreadText()
	case !still(decode):
		return "publish: the broker takes no packets. Look at the component \"kafka\" of /api/v1/health, and at KAFKA_BROKERS."
	case !still(capture):
		return fmt.Sprintf("decode: frames come in, and none is understood%s. Is the capture of a link type that NetLyra reads?", mostly(t.stage(stageDecode)))
	default:
		return a.silentText(t)
	}
}

// coldText is for an engine that reads and does not score.
func (a *Aggregator) coldText(s *models.Stats) string {
	if len(s.Partitions) > 0 && !s.Warm {
		return fmt.Sprintf("score: the detector is learning; it wants %d more packets before its first score (WARMUP_PACKETS).", s.WarmAfter)
	}
	return "score: the engine reads records and scores none. Look at the topic of dead letters: `netlyra tail dead-letters`."
}

// unreadText is for packets that nobody takes from the topic.
func (a *Aggregator) unreadText() string {
	if !a.hasStage(stageConsume) {
		return "consume: packets are published and no engine reads them. Start one: `netlyra engine`."
	}
	return "consume: packets are published and the engine reads none. It may be waiting for its partitions; look at /api/v1/health and at the engine's log."
}

// silentText is for the very beginning of the way.
func (a *Aggregator) silentText(t totals) string {
	source := t.source()
	switch {
	case !a.hasStage(stageCapture) && source.Out > 0:
		return "capture: the input has ended, and everything that came was worked off."
	case !a.hasStage(stageCapture):
		return "capture: nothing captures. Start `netlyra up` (demo), `netlyra probe --iface NAME` or `netlyra replay FILE`."
	case source.Out > 0:
		return "capture: no packet for some seconds. A file has ended, or the interface is silent."
	default:
		return "capture: not one packet so far. Check the interface's name (`ip link`), that it is up, and the filter (CAPTURE_FILTER)."
	}
}

func (a *Aggregator) hasStage(name string) bool {
	for _, i := range a.instances {
		if _, ok := i.stages[name]; ok {
			return true
		}
	}
	return false
}

// mostly is the reason for which most was dropped, in brackets.
func mostly(c models.StageCounts) string {
	reason, most := "", uint64(0)
	for r, n := range c.Dropped {
		if n > most || n == most && r < reason {
			reason, most = r, n
		}
	}
	if reason == "" {
		return ""
	}
	return " (mostly: " + reason + ")"
}
