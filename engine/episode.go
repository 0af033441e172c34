package engine

import (
	"net/netip"
	"strconv"

	"github.com/netlyra/netlyra/engine/features"
	"github.com/netlyra/netlyra/internal/models"
)

// episode is one alert while it may still grow.
type episode struct {
	key       uint64 // of who it is about; see subject
	group     features.Group
	alert     models.Alert
	published uint64           // count when it was last published
	level     float64          // highest −log10 of the tail
	score     float64          // when it was last published
	at        models.Timestamp // event time of that
	oddTS     models.Timestamp // of the last odd packet
	evidence  evidence
	wide      bool   // it goes to several services or hosts
	announced uint64 // count when Announce last told of it; not part of the state
}

// episodes has the open ones, at most cfg.Episodes, in the order in which they began.
type episodes struct {
	list  []*episode
	byKey map[uint64]*episode // the newest of each subject
	quiet models.Timestamp
	most  int
	next  models.Timestamp // event time at which quiet ones are looked for
}

func newEpisodes(cfg Config) episodes {
	return episodes{quiet: models.Timestamp(cfg.Quiet), most: cfg.Episodes, byKey: map[uint64]*episode{}}
}

// find is the episode about key, nil where there is none or it has ended.
func (e *episodes) find(key uint64, ts models.Timestamp) *episode {
	if len(e.list) == 0 {
		return nil
	}
	if ep := e.byKey[key]; ep != nil && ts-ep.oddTS <= e.quiet {
		return ep
	}
	return nil
}

// open reports whether there is an episode about the source.
func (e *episodes) open(source uint64, ts models.Timestamp) bool { return e.find(source, ts) != nil }

// alarm grows the episode that the packet belongs to, or begins one.
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
			ep = p.stormy(v, g)
		}
	}
	v.Alarmed()
	p.alerted++
	a := &ep.alert
	ep.grow(v)
	ep.oddTS = a.LastTS
	switch {
	case level > ep.level:
		ep.level, a.Score = level, min(level/5, 1)
		p.describe(ep, v, g)
	case p.grown(ep):
		p.name(ep, v)
	}
	if p.grown(ep) {
		p.publish(ep)
	}
}

// of is the open episode that the packet belongs to, odd by itself or not: its pair
// alarmed of late, or began with the episode or after it, and that is about a source that
// turns to several services, or about a crowd at the destination.
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

// join counts a packet that belongs to the episode without being odd by itself.
func (p *Pipeline) join(ep *episode, v *features.View) {
	ep.grow(v)
	p.alerted++
	if p.grown(ep) {
		p.name(ep, v)
		p.publish(ep)
	}
}

// grow counts a packet of the episode.
func (ep *episode) grow(v *features.View) {
	a := &ep.alert
	a.Count++
	a.LastTS = max(a.LastTS, v.Meta.TS)
	ep.evidence.add(v)
	if !ep.wide && a.Count%4 == 0 {
		ep.wide = ep.evidence.ports.count() >= wideFrom || ep.evidence.peers.count() >= wideFrom
	}
}

// wideFrom is how many services or hosts make an episode wide.
const wideFrom = 4

// grown tells whether an episode has grown enough to be published again: it is new,
// its count has doubled, its score has risen, or a second (later: an eighth of its
// length) has passed.
func (p *Pipeline) grown(ep *episode) bool {
	a := &ep.alert
	pause := max(models.Timestamp(1e9), (a.LastTS-a.TS)/8)
	return ep.published == 0 || a.Count >= 2*ep.published || a.Score >= ep.score+0.05 || a.LastTS-ep.at >= pause
}

// subject is who an alert is about: the source of the odd traffic, or the destination
// where many sources together are odd, or each of many was never seen before.
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
	return e.add(&episode{key: key, group: g, alert: a, oddTS: m.TS})
}

// alertID is the same in every run over the same packets.
func alertID(key uint64, g features.Group, ts models.Timestamp) string {
	h := (key ^ uint64(g)<<56) * 0x9e3779b97f4a7c15
	h = (h ^ h>>29 ^ uint64(ts)) * 0xbf58476d1ce4e5b9
	h ^= h >> 32
	return "A" + strconv.FormatUint(h|1<<63, 36)
}

// publish hands out a copy of the alert as it stands, unless nothing is new.
func (p *Pipeline) publish(ep *episode) {
	if ep.published == ep.alert.Count {
		return
	}
	ep.published, ep.score, ep.at = ep.alert.Count, ep.alert.Score, ep.alert.LastTS
	out := ep.alert
	p.emit(&out)
}

// Announce hands out every alert that has grown since it was last published, and
// remembers nothing of it: whether and when it is called changes no later alert.
func (p *Pipeline) Announce() {
	for i := range p.episodes.list {
		if ep := p.episodes.list[i]; ep.alert.Count > max(ep.published, ep.announced) {
			ep.announced = ep.alert.Count
			out := ep.alert
			p.emit(&out)
		}
	}
}

// expire publishes and forgets the episodes that have been quiet, looking once a
// second of event time.
func (p *Pipeline) expire(ts models.Timestamp) {
	e := &p.episodes
	if len(e.list) == 0 || ts < e.next && ts > e.next-e.quiet {
		return
	}
	e.next = ts + 1e9
	for i := 0; i < len(e.list); {
		if ep := e.list[i]; ts-ep.oddTS > e.quiet || ep.oddTS-ts > 24*e.quiet {
			p.publish(ep)
			e.remove(i)
			continue
		}
		i++
	}
}

func (e *episodes) oldest() (at int) {
	for i := range e.list {
		if e.list[i].oddTS < e.list[at].oddTS {
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
