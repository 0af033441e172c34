package engine

import (
	"net/netip"
	"strconv"

	"github.com/netlyra/netlyra/engine/features"
	"github.com/netlyra/netlyra/internal/models"
)

// episode is an alert that may still grow.
type episode struct {
	key       uint64            // identifies the subject; see subject
	group     features.Group    // of the forest with the highest tail at the strongest packet
	behavior  features.Behavior // with the highest level
	alert     models.Alert
	published uint64           // alert.Count at the last publication
	level     float64          // highest of all findings
	described float64          // of the finding that the alert describes
	marked    float64          // of the last packet that has the score of its level
	score     float64          // at the last publication
	at        models.Timestamp // event time of the last publication
	anomalyTS models.Timestamp // event time of the last anomalous packet
	evidence  evidence
	began     models.Timestamp // start of this episode; alert.TS is that of the first one of its pattern
	wide      bool             // covers several services or hosts
	announced uint64           // alert.Count at the last Announce; not part of the state
}

// episodes are the open episodes, at most cfg.Episodes, in the order of their start.
type episodes struct {
	list  []*episode
	byKey map[uint64]*episode // the newest episode of each subject
	quiet models.Timestamp
	most  int
	next  models.Timestamp // event time of the next search for quiet episodes
}

func newEpisodes(cfg Config) episodes {
	return episodes{quiet: models.Timestamp(cfg.Quiet), most: cfg.Episodes, byKey: map[uint64]*episode{}}
}

// find returns the open episode of the subject key, nil if not found.
func (e *episodes) find(key uint64, ts models.Timestamp) *episode {
	if len(e.list) == 0 {
		return nil
	}
	if ep := e.byKey[key]; ep != nil && ts-ep.anomalyTS <= e.quiet {
		return ep
	}
	return nil
}

// open reports whether the source has an open episode.
func (e *episodes) open(source uint64, ts models.Timestamp) bool { return e.find(source, ts) != nil }

// alarm handles a packet whose subject has enough evidence: it grows the episode of the subject
// or starts one. It returns the minimum score of the packet.
func (p *Pipeline) alarm(v *features.View, g features.Group, f finding) (score float64) {
	key, src, dst := f.about(v)
	if crowd := v.TargetKey ^ targetSalt; rules[f.behavior].role == onTarget && p.episodes.open(crowd, v.Meta.TS) {
		key = crowd // one source has come to dominate what began as the traffic of many
	}
	ep, out := p.open(key, src, v.Meta.TS, f)
	p.count(out)
	if ep == nil {
		return alarmedScore
	}
	score = alarmedScore
	if f.level >= ep.marked+markedStep {
		ep.marked = f.level
		score = min(f.level/maxLevel, 1)
	}
	v.MarkAlarmed()
	a := &ep.alert
	ep.grow(v)
	ep.anomalyTS = a.LastTS
	switch {
	case ep.level == 0 || f.outranks(ep.behavior, ep.described):
		ep.described = f.level
		ep.level = max(ep.level, f.level)
		a.Score = min(ep.level/maxLevel, 1)
		p.describe(ep, v, g, f, dst)
	case p.shouldPublish(ep):
		p.classify(ep, v)
	}
	if p.shouldPublish(ep) {
		p.publish(ep)
	}
	return score
}

// markedStep is the level by which a packet must exceed those of its episode to have the score
// of its level. A counter that rises with every packet says nothing new with each.
const markedStep = 0.05

// outcome is what becomes of a packet with enough evidence for an alert.
type outcome uint8

const (
	ordinary outcome = iota // its pattern has become ordinary: no alert
	withheld                // the budget withholds the alert
	alerted                 // it belongs to an alert
)

// count counts a packet of the stream by its outcome.
func (p *Pipeline) count(o outcome) {
	switch o {
	case ordinary:
		p.passed++
	case withheld:
		p.budget.withheld++
	case alerted:
		p.alerted++
	}
}

// open returns the open episode of a subject and starts one if there is none; nil if there is
// to be no alert.
func (p *Pipeline) open(key uint64, src netip.Addr, ts models.Timestamp, f finding) (*episode, outcome) {
	if ep := p.episodes.find(key, ts); ep != nil {
		return ep, alerted
	}
	x := p.patterns.find(patternKey(key, rules[f.behavior].kind), ts)
	if x != nil && x.ordinary(f.value) {
		if ts-x.last > p.episodes.quiet {
			x.again(ts)
		}
		return nil, ordinary
	}
	if !p.budget.allow(ts, f.level) {
		return nil, withheld
	}
	if x == nil && !p.storm.allow(ts) {
		return p.stormEpisode(src, ts, f), alerted
	}
	return p.begin(key, src, ts, f, x), alerted
}

// of returns the open episode that the packet belongs to, whether the packet is anomalous or
// not, or nil. A packet belongs to the episode of its source if its pair raised
// an alarm recently, or if the pair is not older than a wide episode. It belongs to the
// episode of a crowd at its destination if the pair is not older than it and not established.
func (e *episodes) of(v *features.View) *episode {
	if len(e.list) == 0 {
		return nil
	}
	ts := v.Meta.TS
	if ep := e.find(v.SourceKey, ts); ep != nil && (v.AlarmedWithin(int64(e.quiet)) || ep.wide && v.PairSince() >= ep.alert.TS) {
		return ep
	}
	if ep := e.find(v.TargetKey^targetSalt, ts); ep != nil && !v.Established() && v.PairSince() >= ep.alert.TS {
		return ep
	}
	return nil
}

// join adds a packet to its episode that is not anomalous by itself.
func (p *Pipeline) join(ep *episode, v *features.View) {
	ep.grow(v)
	p.alerted++
	if p.shouldPublish(ep) {
		p.classify(ep, v)
		p.publish(ep)
	}
}

// grow adds a packet to the episode.
func (ep *episode) grow(v *features.View) {
	a := &ep.alert
	a.Count++
	a.LastTS = max(a.LastTS, v.Meta.TS)
	ep.evidence.add(v)
	if !ep.wide && a.Count%4 == 0 {
		ep.wide = ep.evidence.ports.count() >= wideFrom || ep.evidence.peers.count() >= wideFrom
	}
}

// wideFrom is the number of services or hosts from which an episode is wide.
const wideFrom = 4

// shouldPublish reports whether the episode has grown enough to be published: it is new, its
// count has doubled, its score has risen by 0.05, or a second or an eighth of its duration,
// whichever is longer, has passed.
func (p *Pipeline) shouldPublish(ep *episode) bool {
	a := &ep.alert
	pause := max(models.Timestamp(1e9), (a.LastTS-a.TS)/8)
	return ep.published == 0 || a.Count >= 2*ep.published || a.Score >= ep.score+0.05 || a.LastTS-ep.at >= pause
}

const targetSalt = 0x7a3c5e9d1b2f4860

// begin starts an episode, which continues the alert of its pattern x if that is not nil.
func (p *Pipeline) begin(key uint64, src netip.Addr, ts models.Timestamp, f finding, x *pattern) *episode {
	e := &p.episodes
	if len(e.list) >= e.most {
		p.end(e.oldest())
	}
	a := models.Alert{TS: ts, LastTS: ts, SrcIP: addressText(src), Threshold: p.cfg.Threshold, Scale: features.HostScale.String()}
	if x != nil {
		x.again(ts)
		a.ID, a.TS, a.Count, a.Recurrence = x.id, x.first, x.packets, x.recurrence(f.value)
	} else {
		a.ID = alertID(key, f.behavior, ts)
		p.alerts++
	}
	return e.add(&episode{key: key, behavior: f.behavior, alert: a, anomalyTS: ts, began: ts})
}

// alertID returns the id of an alert, which is the same in every run over the same packets.
func alertID(key uint64, b features.Behavior, ts models.Timestamp) string {
	h := (key ^ uint64(b)<<56) * 0x9e3779b97f4a7c15
	h = (h ^ h>>29 ^ uint64(ts)) * 0xbf58476d1ce4e5b9
	h ^= h >> 32
	return "A" + strconv.FormatUint(h|1<<63, 36)
}

// publish emits a copy of the alert if it has grown since the last publication.
func (p *Pipeline) publish(ep *episode) {
	if ep.published == ep.alert.Count {
		return
	}
	ep.published, ep.score, ep.at = ep.alert.Count, ep.alert.Score, ep.alert.LastTS
	out := ep.alert
	p.emit(&out)
}

// Announce emits every alert that has grown since the last publication. It does not change the
// state: later alerts do not depend on whether and when it is called.
func (p *Pipeline) Announce() {
	for i := range p.episodes.list {
		if ep := p.episodes.list[i]; ep.alert.Count > max(ep.published, ep.announced) {
			ep.announced = ep.alert.Count
			out := ep.alert
			p.emit(&out)
		}
	}
}

// expire publishes and removes quiet episodes, at most once per second of event time.
func (p *Pipeline) expire(ts models.Timestamp) {
	e := &p.episodes
	if len(e.list) == 0 || ts < e.next && ts > e.next-e.quiet {
		return
	}
	e.next = ts + 1e9
	for i := 0; i < len(e.list); {
		if ep := e.list[i]; ts-ep.anomalyTS > e.quiet || ep.anomalyTS-ts > 24*e.quiet {
			p.end(i)
			continue
		}
		i++
	}
}

// end publishes and removes an episode and remembers its pattern.
func (p *Pipeline) end(i int) {
	ep := p.episodes.list[i]
	p.publish(ep)
	p.patterns.ended(ep)
	p.episodes.remove(i)
}

func (e *episodes) oldest() (at int) {
	for i := range e.list {
		if e.list[i].anomalyTS < e.list[at].anomalyTS {
			at = i
		}
	}
	return at
}

func (e *episodes) add(ep *episode) *episode {
	e.list = append(e.list, ep)
	e.byKey[ep.key] = ep
	return ep
}

func (e *episodes) remove(i int) {
	if ep := e.list[i]; e.byKey[ep.key] == ep {
		delete(e.byKey, ep.key)
	}
	e.list = append(e.list[:i], e.list[i+1:]...)
}
