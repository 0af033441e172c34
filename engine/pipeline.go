package engine

import (
	"github.com/netlyra/netlyra/engine/features"
	"github.com/netlyra/netlyra/internal/models"
)

// Pipeline is the detector: packets in, scores and alerts out. It
// belongs to one goroutine.
type Pipeline struct {
	cfg      Config
	lane     int32
	emit     func(*models.Alert)
	extract  *features.Extractor
	scorers  [features.Groups]*scorer
	final    tail // of the groups' tails together
	episodes episodes
	budget   budget
	storm    storm

	seen, scored, learned, alerts uint64
	passed, alerted               uint64 // of those that were scored; the budget counts what it withheld
	eventTS                       models.Timestamp
	tails                         [features.Groups]float64 // of the packet at hand
}

// NewPipeline makes the detector of a lane. emit is called with
// each alert that begins or has grown, from within Packet and Flush; the alert is
// the callee's to keep.
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

// reset is the state before the first packet.
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
	p.believeFinal()
	p.episodes = newEpisodes(p.cfg)
	p.budget = newBudget(p.cfg.AlertsPerDay)
	p.storm = newStorm()
	p.seen, p.scored, p.learned, p.alerts, p.eventTS = 0, 0, 0, 0, 0
	p.passed, p.alerted = 0, 0
	return nil
}

// finalTop is the largest sum of tails that final tells apart.
const finalTop = 24

// Packet takes in the next packet. Its score is 0…1; scored is
// false while the pipeline warms up.
func (p *Pipeline) Packet(m *models.PacketMeta) (score float64, scored bool) {
	p.seen++
	p.eventTS = m.TS
	v := p.extract.Observe(m)
	group, odd := p.evaluate(v)
	level := p.level(odd)
	score = min(max(level/5, 0), 1)
	if !v.Due[group] {
		score = min(score, restated)
	}
	part := p.episodes.of(v)
	if part != nil || v.AlarmedWithin(remembered) {
		score = max(score, partOf)
	}
	scored = p.seen > uint64(p.cfg.WarmupPackets)
	alarmed := scored && score >= p.cfg.Threshold
	switch {
	case alarmed:
		p.alarm(v, group, level)
	case scored && part != nil:
		p.join(part, v)
	case scored:
		p.passed++
	}
	p.learn(v, odd, alarmed)
	p.expire(m.TS)
	if !scored {
		return 0, false
	}
	p.scored++
	return score, true
}

const (
	// restated is the highest score of a packet at which the oddest group was not
	// evaluated: what it said earlier is repeated, and is no further evidence.
	restated = 0.79
	// partOf is the least score of a packet that belongs to an open episode, or whose
	// pair alarmed within remembered nanoseconds.
	partOf     = 0.76
	remembered = 900e9
)

// evaluate brings the tails of what the packet touched up to date. It returns the
// group with the highest and how odd all are together.
func (p *Pipeline) evaluate(v *features.View) (group features.Group, odd float64) {
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
		if p.concerns(v, g) && top.add(p.tails[g]) {
			group = g
		}
	}
	return group, top.sum()
}

// level is −log10 of how probable it is that benign traffic is as odd, with what is
// taken off for doubt: 5 is a score of 1.
func (p *Pipeline) level(odd float64) float64 { return p.final.of(odd) - p.doubt() + perPacket }

// perPacket turns the probability of an evaluation into that of a packet: among five
// packets of ordinary traffic is about one at which the oddest group is evaluated, and
// only these can reach the threshold. It is the logarithm of that share.
const perPacket = 0.7

// doubt is what is taken off while belief outweighs what was learned: little is then
// known of what is usual, and newcomers are not to be flooded.
func (p *Pipeline) doubt() float64 { return 0.4 * 300 / float64(300+p.learned) }

// ranking is the three highest tails of a packet, the highest first.
type ranking [3]float64

// add takes a tail in and tells whether it is the highest so far.
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

// sum weighs the highest fully and what agrees with it less. An attack is odd in
// several ways at once, and what is odd in one way alone is more often a novelty. The
// final calibration makes a probability of the sum.
func (r *ranking) sum() float64 { return r[0] + r[1]/2 + r[2]/4 }

// concerns tells whether the tail of g says something about this packet: what is done
// to a destination is not the deed of everybody who talks with it.
func (p *Pipeline) concerns(v *features.View, g features.Group) bool {
	return g != features.Target || v.Blames()
}

// Flush publishes the last growth of every episode; for the end of input.
func (p *Pipeline) Flush() {
	for i := range p.episodes.list {
		p.publish(p.episodes.list[i])
	}
}

// Status is what the pipeline has done.
func (p *Pipeline) Status() models.PartitionStatus {
	warm := uint64(p.cfg.WarmupPackets)
	return models.PartitionStatus{
		Partition: p.lane, EventTS: p.eventTS, Packets: p.seen, Cold: p.seen - p.scored, Scored: p.scored, Learned: p.learned,
		Passed: p.passed, Alerted: p.alerted, Withheld: p.budget.held,
		Alerts: p.alerts, Warm: p.seen >= warm, WarmAfter: warm - min(p.seen, warm),
	}
}
