package ledger

import (
	"math"

	"github.com/netlyra/netlyra/internal/models"
	"github.com/netlyra/netlyra/internal/models/vocabulary"
)

// links are the equations that tie one stage to the next, also across a topic. Those of
// single stages are made by ofStage for the stages that exist. A link without any figure
// is omitted.
var links = []equation{
	{
		name: vocabulary.CheckFrames, text: "frames captured = frames decoded; an aggregate of 802.11 has several packets in one frame",
		in: []summand{out(vocabulary.StageCapture)}, out: []summand{in(vocabulary.StageDecode)}, surplus: vocabulary.RemainderExtraPackets,
	},
	{
		name: vocabulary.CheckTrack, text: "packets decoded = packets assigned to connections",
		in: []summand{out(vocabulary.StageDecode)}, out: []summand{out(vocabulary.StageConntrack)},
	},
	{
		name: vocabulary.CheckHandOver, text: "packets assigned to connections = packets handed to the publisher",
		in: []summand{out(vocabulary.StageConntrack)}, out: []summand{in(vocabulary.StagePublish)}, slack: uncounted,
	},
	{
		name: vocabulary.CheckLog, text: "packets published = accepted by the model + held + missing + in flight",
		in: []summand{
			acknowledged(vocabulary.StagePublish), pending(vocabulary.StagePublish),
			{vocabulary.TermRefused, vocabulary.StagePublish, dropped(vocabulary.StagePublish, vocabulary.DropPublishRefused)},
			unreported(vocabulary.CheckLog),
		},
		out: []summand{
			lanes(vocabulary.TermAccepted, func(l *models.LedgerLane) uint64 { return l.Packets }),
			lanes(vocabulary.TermHeld, func(l *models.LedgerLane) uint64 { return l.Held }),
			lanes(vocabulary.TermMissing, func(l *models.LedgerLane) uint64 { return l.Missing }),
			{vocabulary.TermLostModel, "", func(s *sums) models.LedgerTerm { return n(s.forgotten) }},
		},
		slack: sentSinceReport(vocabulary.CheckLog, vocabulary.StagePublish),
		rest: []summand{
			lanes(vocabulary.TermDuplicates, func(l *models.LedgerLane) uint64 { return l.Duplicates }),
			{vocabulary.TermRefusedLast, vocabulary.StagePublish, dropped(vocabulary.StagePublish, vocabulary.DropPublishRefused)},
			lanes(vocabulary.TermUnreadable, func(l *models.LedgerLane) uint64 { return l.Unreadable }),
		},
	},
	{
		name: vocabulary.CheckModel, text: "packets accepted by the model = scored + used for the warm-up",
		in: []summand{lanes(vocabulary.TermAccepted, func(l *models.LedgerLane) uint64 { return l.Packets })},
		out: []summand{
			lanes(vocabulary.TermScored, func(l *models.LedgerLane) uint64 { return l.Scored }),
			lanes(vocabulary.TermWarmUp, func(l *models.LedgerLane) uint64 { return l.Cold }),
		},
	},
	{
		name: vocabulary.CheckVerdict, text: "packets scored = part of an alert + withheld by the alert budget + typical",
		in: []summand{lanes(vocabulary.TermScored, func(l *models.LedgerLane) uint64 { return l.Scored })},
		out: []summand{
			lanes(vocabulary.TermAlerted, func(l *models.LedgerLane) uint64 { return l.Alerted }),
			lanes(vocabulary.TermWithheld, func(l *models.LedgerLane) uint64 { return l.Withheld }),
			lanes(vocabulary.TermPassed, func(l *models.LedgerLane) uint64 { return l.Passed }),
		},
	},
	{
		name: vocabulary.CheckAlertsPublished, text: "alerts that began or grew = alert records handed to the publisher",
		in: []summand{in(vocabulary.StageAlert)}, // its Out is counted when the publisher has the record
		out: []summand{in(vocabulary.StageSendAlerts), {vocabulary.TermNotPublished, vocabulary.StageAlert, func(s *sums) models.LedgerTerm {
			return n(sumOf(s.reported.stage(vocabulary.StageAlert).Dropped))
		}}},
	},
	recorded(vocabulary.CheckAlerts, "alert", vocabulary.StageSendAlerts),
	recorded(vocabulary.CheckConnections, "connection", vocabulary.StageSendConnections),
}

// recorded returns the equation of a topic that the recorder consumes.
func recorded(check, kind, stage string) equation {
	return equation{
		name: check, text: kind + " records published = processed by the recorder + in flight",
		in:    []summand{acknowledged(stage), pending(stage), unreported(check)},
		out:   []summand{{vocabulary.TermRecorded, "", func(s *sums) models.LedgerTerm { return n(s.done[check]) }}},
		slack: sentSinceReport(check, stage),
	}
}

// ofStage returns the equation of one stage.
func ofStage(stage string) equation {
	text := "came in = passed on + dropped by reason"
	if stage == vocabulary.StageDecode {
		text = "frames captured = packets decoded + dropped by reason"
	}
	return equation{
		name: stage, text: text,
		in: []summand{{vocabulary.TermIn, stage, func(s *sums) models.LedgerTerm { return n(s.all.stage(stage).In) }}},
		out: []summand{
			{vocabulary.TermOut, stage, func(s *sums) models.LedgerTerm { return n(s.all.stage(stage).Out) }},
			{vocabulary.TermDropped, stage, dropped(stage, "")},
			{vocabulary.TermLeft, stage, func(s *sums) models.LedgerTerm { return n(s.left[stage]) }},
		},
	}
}

// summand is one term of a side: its code, the stage that counted it ("" for the lanes)
// and its value.
type summand struct {
	name, stage string
	of          func(*sums) models.LedgerTerm
}

func n(n uint64) models.LedgerTerm { return models.LedgerTerm{N: n} }

func in(stage string) summand {
	return summand{vocabulary.TermIn, stage, func(s *sums) models.LedgerTerm { return n(s.reported.stage(stage).In) }}
}

func out(stage string) summand {
	return summand{vocabulary.TermOut, stage, func(s *sums) models.LedgerTerm { return n(s.reported.stage(stage).Out) }}
}

func acknowledged(stage string) summand {
	return summand{vocabulary.TermAcknowledged, stage, func(s *sums) models.LedgerTerm { return n(s.all.stage(stage).Out) }}
}

func pending(stage string) summand {
	return summand{vocabulary.TermPending, stage, func(s *sums) models.LedgerTerm { return n(s.pending[stage]) }}
}

func unreported(check string) summand {
	return summand{vocabulary.TermUnreported, "", func(s *sums) models.LedgerTerm { return n(s.unreported[check]) }}
}

// lanes returns a term of the lanes' totals.
func lanes(name string, of func(*models.LedgerLane) uint64) summand {
	return summand{name, "", func(s *sums) models.LedgerTerm { return n(of(&s.lanes)) }}
}

// dropped returns what a stage dropped for reason, or for any reason if it is "".
func dropped(stage, reason string) func(*sums) models.LedgerTerm {
	return func(s *sums) models.LedgerTerm {
		by := s.all.stage(stage).Dropped
		if reason != "" {
			return n(by[reason])
		}
		t := models.LedgerTerm{N: sumOf(by)}
		if len(by) > 0 {
			t.By = by
		}
		return t
	}
}

// countEvery is how many frames a sensor handles between two updates of its stages,
// while the publisher counts each packet.
const countEvery = 256

// uncounted returns how many packets running sensors may not have counted yet.
// Aggregates of 802.11 have several packets in each frame.
func uncounted(s *sums) uint64 { return 4 * countEvery * s.running[vocabulary.StagePublish] }

// lateReports is how many reports of a process may be delayed on a busy machine;
// lateLeast is what a process may have sent meanwhile that had sent nothing before.
const (
	lateReports = 4
	lateLeast   = 1024
)

// sentSinceReport returns how many records processes may have sent since their last
// reports: none at rest. It is unknown where others write to the topic too.
func sentSinceReport(check, stage string) func(*sums) uint64 {
	return func(s *sums) uint64 {
		switch {
		case s.unreported[check] > 0:
			return math.MaxInt64
		case s.atRest:
			return 0
		}
		return lateReports*s.grown[stage] + lateLeast*s.running[stage]
	}
}
