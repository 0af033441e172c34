package ledger

import (
	"fmt"
	"time"

	"github.com/netlyra/netlyra/internal/models"
	"github.com/netlyra/netlyra/internal/models/vocabulary"
	"github.com/netlyra/netlyra/internal/obs"
)

// quietAfter is how long a stage may pass nothing on before it counts as idle.
const quietAfter = 5 * time.Second

// packetPath are the stages that every packet passes, in order.
var packetPath = [...]string{vocabulary.StageCapture, vocabulary.StageDecode, vocabulary.StagePublish, vocabulary.StageConsume, vocabulary.StageScore}

// flow has the time at which each stage of the packet path last passed something on.
type flow struct {
	out   [len(packetPath)]uint64
	moved [len(packetPath)]time.Time
}

func (f *flow) observe(t totals, now time.Time) {
	for i, name := range packetPath {
		if n := t.stage(name).Out; n > f.out[i] {
			f.out[i], f.moved[i] = n, now
		}
	}
}

// idle returns a condition about the first stage that passes nothing on, with what to do
// about it; nil while packets reach the score. In the first seconds no stage is idle.
func (a *Aggregator) idle(s *models.Stats, t totals, now time.Time) *vocabulary.Condition {
	if now.Sub(a.started) < quietAfter {
		return nil
	}
	still := func(i int) bool { return now.Sub(a.flow.moved[i]) > quietAfter }
	const capture, decode, publish, consume, score = 0, 1, 2, 3, 4
	switch {
	case !still(score):
		return nil
	case !still(consume):
		return a.notScored(s)
	case !still(publish):
		return a.notConsumed()
	case !still(decode):
		return info(vocabulary.StagePublish, vocabulary.ConditionNotPublished, nil, "the brokers accept no packets; see component \"kafka\" of /api/v1/health, and KAFKA_BROKERS")
	case !still(capture):
		d := t.stage(vocabulary.StageDecode)
		reason, n := mostDropped(d)
		text := "frames arrive, and none can be decoded"
		if n == 0 {
			return info(vocabulary.StageDecode, vocabulary.ConditionNotDecoded, nil, "%s; check the link type of the capture", text)
		}
		return info(vocabulary.StageDecode, vocabulary.ConditionNotDecoded, obs.Params{"reason": reason, "count": n}, "%s (mostly: %s); check the link type of the capture", text, reason)
	default:
		return a.notCaptured(t)
	}
}

func info(stage, code string, params obs.Params, format string, args ...any) *vocabulary.Condition {
	return &vocabulary.Condition{Stage: stage, Code: code, Severity: vocabulary.SeverityInfo, Params: params, Text: fmt.Sprintf(format, args...)}
}

// notScored is for an engine that consumes and does not score.
func (a *Aggregator) notScored(s *models.Stats) *vocabulary.Condition {
	if len(s.Partitions) > 0 && !s.Warm {
		return info(vocabulary.StageScore, vocabulary.ConditionWarmingUp, obs.Params{"warm_after": s.WarmAfter}, "the model is untrained; %d more packets until its first score (WARMUP_PACKETS)", s.WarmAfter)
	}
	return info(vocabulary.StageScore, vocabulary.ConditionNotScored, nil, "the engine consumes records and scores none; see the dead letters: 'netlyra tail dead-letters'")
}

// notConsumed is for packets in the topic that no engine reads.
func (a *Aggregator) notConsumed() *vocabulary.Condition {
	if !a.hasStage(vocabulary.StageConsume) {
		return info(vocabulary.StageConsume, vocabulary.ConditionNoEngine, nil, "packets are published and no engine consumes them; start one with 'netlyra engine'")
	}
	return info(vocabulary.StageConsume, vocabulary.ConditionNotConsumed, nil, "packets are published and the engine consumes none; it may wait for its partitions: see /api/v1/health and the engine's log")
}

// notCaptured is for a packet path without any packet.
func (a *Aggregator) notCaptured(t totals) *vocabulary.Condition {
	source := t.source()
	switch {
	case !a.hasStage(vocabulary.StageCapture) && source.Out > 0:
		return info(vocabulary.StageCapture, vocabulary.ConditionInputEnded, nil, "the input has ended, and every packet was processed")
	case !a.hasStage(vocabulary.StageCapture):
		return info(vocabulary.StageCapture, vocabulary.ConditionNoSensor, nil, "no process captures; start 'netlyra up' (demo), 'netlyra probe --iface NAME' or 'netlyra replay FILE'")
	case source.Out > 0:
		return info(vocabulary.StageCapture, vocabulary.ConditionNoTraffic, nil, "no packet for some seconds; a file has ended, or the interface is silent")
	default:
		return info(vocabulary.StageCapture, vocabulary.ConditionNothingCaptured, nil, "no packet so far; check the interface's name ('ip link'), that it is up, and the filter (CAPTURE_FILTER)")
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

// mostDropped returns the most frequent drop reason of a stage; n is 0 without one.
func mostDropped(c models.StageCounts) (reason string, n uint64) {
	for r, count := range c.Dropped {
		if count > n || count == n && r < reason {
			reason, n = r, count
		}
	}
	return reason, n
}
