package engine

import (
	"net/netip"
	"strconv"

	"github.com/netlyra/netlyra/engine/features"
	"github.com/netlyra/netlyra/internal/models"
)

// episode is an alert that may still grow.
type episode struct {
	key       uint64 // identifies the subject; see subject
	group     features.Group
	alert     models.Alert
	published uint64           // alert.Count at the last publication
	level     float64          // highest −log10 of the tail
	score     float64          // at the last publication
	at        models.Timestamp // event time of the last publication
	anomalyTS models.Timestamp // event time of the last anomalous packet
	evidence  evidence
	wide      bool   // covers several services or hosts
	announced uint64 // alert.Count at the last Announce; not part of the state
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

// alarm handles an anomalous packet: it grows the episode of its subject or starts one, unless
// the budget withholds it.
func (p *Pipeline) alarm(v *features.View, g features.Group, level float64) {
	key, about := p.subject(v, g)
	ep := p.episodes.find(key, v.Meta.TS)
	if ep == nil {
		if !p.budget.allow(v.Meta.TS, level) {
			return
		}
		if p.storm.allow(v.Meta.TS) {
			ep = p.begin(key, about, v, g)
		} else {
			ep = p.stormEpisode(v, g)
		}
	}
	v.MarkAlarmed()
	p.alerted++
	a := &ep.alert
	ep.grow(v)
	ep.anomalyTS = a.LastTS
	switch {
	case level > ep.level:
		ep.level, a.Score = level, min(level/5, 1)
		p.describe(ep, v, g)
	case p.shouldPublish(ep):
		p.classify(ep, v)
	}
	if p.shouldPublish(ep) {
		p.publish(ep)
	}
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

// subject returns what an alert is about: the source of the anomalous traffic, or the
// destination if many sources cause the anomaly together or each of them is new.
func (p *Pipeline) subject(v *features.View, g features.Group) (uint64, netip.Addr) {
	if g == features.Target && v.Crowd() || v.OneOfMany() {
		return v.TargetKey ^ targetSalt, v.Source()
	}
	return v.SourceKey, v.Source()
}

const targetSalt = 0x7a3c5e9d1b2f4860

func (p *Pipeline) begin(key uint64, about netip.Addr, v *features.View, g features.Group) *episode {
	e := &p.episodes
	if len(e.list) >= e.most {
		i := e.oldest()
		p.publish(e.list[i])
		e.remove(i)
	}
	m := v.Meta
	a := models.Alert{TS: m.TS, LastTS: m.TS, SrcIP: about.Unmap().String(), Threshold: p.cfg.Threshold, Scale: g.Scale().String()}
	a.ID = alertID(key, g, m.TS)
	p.alerts++
	return e.add(&episode{key: key, group: g, alert: a, anomalyTS: m.TS})
}

// alertID returns the id of an alert, which is the same in every run over the same packets.
func alertID(key uint64, g features.Group, ts models.Timestamp) string {
	h := (key ^ uint64(g)<<56) * 0x9e3779b97f4a7c15
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
			p.publish(ep)
			e.remove(i)
			continue
		}
		i++
	}
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
