package features

import (
	"math"

	"github.com/netlyra/netlyra/engine/internal/state"
	"github.com/netlyra/netlyra/internal/models"
)

// service is what is usual between two hosts at one service (protocol and responder's
// port): a running mean and variance of each measure over fairly shared samples.
type service struct {
	n          float32
	mean, vari [measures]float32
	least      [measures]float32 // the least deviation; see leastShare
	clients    tally             // how many of its connections were of new clients
}

// The measures, all but the entropy in powers of two.
const (
	upSize = iota // payload per packet of the originator that has any
	upEntropy
	upMinute
	downMinute
	openedMinute
	openedQuarter
	measures
)

// belief is a mean and a standard deviation for each measure.
type belief [measures][2]float32

const (
	beliefWeight  = 48  // samples that the belief of a service stands for
	serviceMemory = 512 // samples after which older ones fade
)

// leastShare is the part of the believed deviation that is always added: it keeps a
// service that never varies from making a molehill a mountain.
const leastShare = 0.7

// anyService is believed of a service that was never seen.
var anyService = belief{{7.5, 2}, {5.5, 1.6}, {10, 4}, {12, 5}, {1.6, 1}, {2.6, 1.5}}

// login is believed of services where one logs in, and then stays or goes.
var login = belief{{6.5, 2}, {5, 1.6}, {8, 4}, {10, 5}, {0.9, 0.6}, {1.5, 1}}

// web is believed of services of which one page needs dozens of connections.
var web = belief{{7.5, 2}, {5.5, 1.6}, {10, 4}, {12, 5}, {2, 1.7}, {3, 2}}

// beliefs are of services whose use is the same everywhere.
var beliefs = map[uint64]belief{
	serviceKey(models.ProtoTCP, 80):     web,
	serviceKey(models.ProtoTCP, 443):    web,
	serviceKey(models.ProtoTCP, 8080):   web,
	serviceKey(models.ProtoTCP, 8443):   web,
	serviceKey(models.ProtoUDP, 443):    web,
	serviceKey(models.ProtoTCP, 21):     login,
	serviceKey(models.ProtoTCP, 22):     login,
	serviceKey(models.ProtoTCP, 23):     login,
	serviceKey(models.ProtoTCP, 3306):   login,
	serviceKey(models.ProtoTCP, 3389):   login,
	serviceKey(models.ProtoTCP, 5432):   login,
	serviceKey(models.ProtoTCP, 5900):   login,
	serviceKey(models.ProtoUDP, 53):     {{5.3, 0.35}, {4.0, 0.3}, {8, 2}, {9.5, 2}, {3, 1.5}, {5, 2}},
	serviceKey(models.ProtoUDP, 123):    {{5.6, 0.3}, {2.5, 1}, {6, 1}, {6, 1}, {0.8, 0.7}, {2, 1}},
	serviceKey(models.ProtoICMP, 8):     {{5.8, 0.5}, {5, 0.8}, {10, 2}, {10, 2}, {0.8, 0.7}, {1.5, 1}},
	serviceKey(models.ProtoICMPv6, 128): {{5.8, 0.5}, {5, 0.8}, {10, 2}, {10, 2}, {0.8, 0.7}, {1.5, 1}},
}

func serviceKey(p models.Proto, port uint16) uint64 {
	return mix(uint64(port)<<8|uint64(p), 0x1d8af066bb3f4a31)
}

func (s *service) believe(b belief) {
	s.n = beliefWeight
	for i, x := range b {
		s.mean[i], s.vari[i], s.least[i] = x[0], x[1]*x[1], leastShare*x[1]
	}
}

// learn takes a sample in.
func (s *service) learn(x *[measures]float32) {
	s.n = min(s.n+1, serviceMemory)
	w := 1 / s.n
	for i := range s.mean {
		d := x[i] - s.mean[i]
		s.mean[i] += d * w
		s.vari[i] += (d*(x[i]-s.mean[i]) - s.vari[i]) * w
	}
}

// excess is by how many standard deviations x lies above what is usual, 0 where below.
func (s *service) excess(i int, x float32) float64 {
	sd := math.Sqrt(float64(s.vari[i] + s.least[i]*s.least[i]))
	return max(float64(x-s.mean[i])/sd, 0)
}

func (e *service) fields(c *state.Codec) {
	c.F32(&e.n)
	c.F32s(e.mean[:])
	c.F32s(e.vari[:])
	c.F32s(e.least[:])
	e.clients.fields(c)
}

// measure is a pair as its service is measured.
func (p *pair) measure() (x [measures]float32) {
	n := max(p.filled[long960], 1e-3)
	x[upSize] = log2f(p.up[long960] / n)
	x[upEntropy] = p.entropy[long960] / n
	x[upMinute], x[downMinute] = log2f(p.up[mid60]), log2f(p.down[mid60])
	x[openedMinute], x[openedQuarter] = log2f(p.opened[mid60]), log2f(p.opened[long960])
	return x
}

func log2f(v float32) float32 { return float32(chordLog(1 + float64(v))) }

// usual finds what is usual at the packet's service.
func (v *View) usual() *service {
	if v.service != nil {
		return v.service
	}
	key := serviceKey(v.Meta.Proto, v.ServicePort())
	s, fresh := v.of.services.get(key)
	if fresh {
		b, ok := beliefs[key]
		if !ok {
			b = anyService
		}
		s.believe(b)
	}
	v.service = s
	return s
}

// LearnService takes the packet's pair in as usual for its service, unless that pair
// has taught too often: its n-th sample comes n times teachPause after the one before,
// at last one a minute, so that no pair alone says what is usual.
func (v *View) LearnService() {
	p, ts := v.pair, int64(v.Meta.TS)
	if near(ts, p.taughtAt, int64(p.taught)*teachPause) {
		return
	}
	p.taughtAt, p.taught = ts, min(p.taught+1, mostTaught)
	x := p.measure()
	v.usual().learn(&x)
}

const (
	teachPause = 5 * second
	mostTaught = 12
)

func (v *View) served(out *[MaxFeatures]float64) {
	x, s := v.pair.measure(), v.usual()
	for i := range x {
		out[i] = s.excess(i, x[i])
	}
}
