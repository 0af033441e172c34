package engine

import (
	"github.com/netlyra/netlyra/engine/features"
	"github.com/netlyra/netlyra/engine/link"
	"github.com/netlyra/netlyra/internal/models"
)

// Pipeline is the detector: packets in, scores and alerts out. It must not be used by several
// goroutines at once.
type Pipeline struct {
	cfg      Config
	lane     int32
	emit     func(*models.Alert)
	extract  *features.Extractor
	scorers  [features.Groups]*scorer
	final    tail // tail of the combined tails of all groups
	packets  packetTail
	episodes episodes
	behave   behaviors
	link     *link.Watcher
	patterns patterns
	budget   budget
	storm    storm

	seen, scored, learned, alerts uint64
	passed, alerted               uint64 // scored packets without and with an alert; the budget counts the withheld ones
	eventTS                       models.Timestamp
	tails                         [features.Groups]float64 // of the current packet
}

// NewPipeline returns an untrained Pipeline of a lane. emit is called with each alert that
// starts or has grown, during Packet, Flush and Announce, and may keep the alert.
func NewPipeline(cfg Config, lane int32, emit func(*models.Alert)) (*Pipeline, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	p := &Pipeline{cfg: cfg, lane: lane, emit: emit}
	if err := p.reset(); err != nil {
		return nil, err
	}
	return p, nil
}

// reset sets the state before the first packet.
func (p *Pipeline) reset() (err error) {
	if p.extract, err = features.New(p.cfg.Features); err != nil {
		return err
	}
	for g := range features.Groups {
		if p.scorers[g], err = newScorer(p.cfg, g); err != nil {
			return err
		}
	}
	p.final = newTail(0, finalTop)
	p.loadFinalPrior()
	p.packets = newPacketTail()
	p.episodes = newEpisodes(p.cfg)
	observe := p.behave.observe
	p.behave = newBehaviors(p.cfg)
	p.behave.observe = observe
	p.patterns, p.link = newPatterns(), link.New()
	p.budget = newBudget(p.cfg.AlertsPerDay)
	p.storm = newStorm()
	p.seen, p.scored, p.learned, p.alerts, p.eventTS = 0, 0, 0, 0, 0
	p.passed, p.alerted = 0, 0
	return nil
}

// finalTop is the largest combined tail that final distinguishes.
const finalTop = 24

// Packet processes the next packet and returns its score, 0…1. scored is false during the
// warm-up.
func (p *Pipeline) Packet(m *models.PacketMeta) (score float64, scored bool) {
	p.seen++
	p.eventTS = m.TS
	scored = p.seen > uint64(p.cfg.WarmupPackets)
	var below outcome // of the link layer
	if !m.HWAddr.IsZero() {
		score, below = p.watchLink(m, scored)
	}
	switch {
	case !m.Proto.IsLink():
		score = max(score, p.packet(m, scored))
	case scored:
		p.count(below)
	}
	p.expire(m.TS)
	if !scored {
		return 0, false
	}
	p.scored++
	return score, true
}

// packet scores a packet above the link layer and learns it.
func (p *Pipeline) packet(m *models.PacketMeta, scored bool) (score float64) {
	v := p.extract.Observe(m)
	group, sum := p.evaluate(v)
	level := p.level(sum)
	if !v.Due[group] {
		level = min(level, repeatedScore*maxLevel)
	}
	part := p.episodes.of(v)
	level = p.packets.calibrate(level, scored && part == nil)
	score = min(max(level/maxLevel, 0), 1)
	if part != nil || v.AlarmedWithin(alarmMemory) {
		score = max(score, memberScore)
	}
	p.gatherOdd(v, group, level)
	found := p.behave.strongest(v)
	alarmed := scored && found.level/maxLevel >= p.cfg.Threshold
	switch {
	case alarmed:
		score = max(score, p.alarm(v, group, found))
	case scored && part != nil:
		p.join(part, v)
	case scored:
		p.passed++
	}
	p.learn(v, sum, alarmed)
	return score
}

// maxLevel is the level of a score of 1.
const maxLevel = 5

const (
	// repeatedScore is the maximum score of a packet at which the group with the highest tail
	// was not evaluated: an earlier evaluation is not new evidence.
	repeatedScore = 0.79
	// alarmedScore is the minimum score of a packet that would start an alert but is hardly more
	// improbable than the earlier ones of its episode. So the packets of a long episode are not
	// all among the most improbable ones.
	alarmedScore = 0.79
	// memberScore is the minimum score of a packet that belongs to an open episode, or whose
	// pair raised an alarm within alarmMemory nanoseconds.
	memberScore = 0.76
	alarmMemory = 900e9
)

// evaluate updates the tails of the groups that are due. It returns the group with the highest
// tail and the combined tail of all groups.
func (p *Pipeline) evaluate(v *features.View) (group features.Group, sum float64) {
	var top ranking
	for g := range features.Groups {
		t := v.Tail(g)
		if v.Due[g] {
			p.tails[g] = p.scorers[g].evaluate(v)
			if t != nil {
				*t = float32(p.tails[g])
			}
		} else {
			p.tails[g] = float64(*t)
		}
		if p.applies(v, g) && top.add(p.tails[g]) {
			group = g
		}
	}
	return group, top.sum()
}

// level returns −log10 of the probability that typical traffic has this combined tail, less
// the doubt of a young model. A level of 5 is a score of 1.
func (p *Pipeline) level(sum float64) float64 { return p.final.of(sum) - p.doubt() + perPacket }

// perPacket converts the probability of an evaluation to that of a packet: the group with the
// highest tail is evaluated at about one in five packets of typical traffic, and only these
// can reach the threshold. It is −log10 of that share.
const perPacket = 0.7

// doubt returns the reduction of the level while the prior outweighs the learned points, so
// that an untrained model does not raise many false alerts.
func (p *Pipeline) doubt() float64 { return 0.4 * 300 / float64(300+p.learned) }

// ranking holds the three highest tails of a packet, the highest first.
type ranking [3]float64

// add inserts a tail and reports whether it is the highest so far.
func (r *ranking) add(t float64) bool {
	switch {
	case t > r[0]:
		r[0], r[1], r[2] = t, r[0], r[1]
		return true
	case t > r[1]:
		r[1], r[2] = t, r[1]
	case t > r[2]:
		r[2] = t
	}
	return false
}

// sum returns the combined tail: the highest counts fully, the others less. An attack is
// anomalous in several groups at once; an anomaly of one group is more often a novelty. The
// final calibration converts the sum to a probability.
func (r *ranking) sum() float64 { return r[0] + r[1]/2 + r[2]/4 }

// applies reports whether the tail of g applies to this packet: an anomaly of a destination
// is not attributed to all of its clients.
func (p *Pipeline) applies(v *features.View, g features.Group) bool {
	return g != features.Target || v.Attributable()
}

// ObservePeaks calls each whenever a subject has a new highest value of a behavior in a minute,
// with the peak before and after. A peak of another minute begins a new one. The last call of a
// subject and minute has its highest value.
func (p *Pipeline) ObservePeaks(each func(of features.Behavior, before, after features.Peak)) {
	p.behave.observe = each
}

// Flush publishes every episode that has grown, for the end of the input.
func (p *Pipeline) Flush() {
	for i := range p.episodes.list {
		p.publish(p.episodes.list[i])
	}
}

// Status returns the counts and the state of the pipeline.
func (p *Pipeline) Status() models.PartitionStatus {
	warm := uint64(p.cfg.WarmupPackets)
	return models.PartitionStatus{
		Lane: p.lane, Partition: p.lane, EventTS: p.eventTS, Packets: p.seen, Cold: p.seen - p.scored, Scored: p.scored, Learned: p.learned,
		Passed: p.passed, Alerted: p.alerted, Withheld: p.budget.withheld,
		Alerts: p.alerts, Warm: p.seen >= warm, WarmAfter: warm - min(p.seen, warm),
	}
}
