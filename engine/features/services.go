package features

import (
	"math"
	"net/netip"

	"github.com/netlyra/netlyra/engine/internal/state"
	"github.com/netlyra/netlyra/internal/models"
)

// service is the baseline of one service (protocol and port of the responder): a running
// mean and variance of each measure over samples of all its pairs.
type service struct {
	n          float32
	mean, vari [measures]float32
	floor      [measures]float32 // added to the deviation; see floorShare
	clients    tally             // connections, and those of new clients
}

// The measures of a pair, as log2 except for the entropy.
const (
	upSize = iota // payload per packet with payload from the originator
	upEntropy
	upMinute
	downMinute
	openedMinute
	openedQuarter
	measures
)

// prior is the assumed mean and standard deviation of each measure.
type prior [measures][2]float32

const (
	priorWeight   = 48  // number of samples that a prior weighs
	serviceMemory = 512 // number of samples after which older ones decay
)

// floorShare is the share of the prior's deviation that is always added, so that a small
// change is not an anomaly at a service that hardly varies.
const floorShare = 0.7

// anyServicePrior is the prior of a service without a more specific one.
var anyServicePrior = prior{{7.5, 2}, {5.5, 1.6}, {10, 4}, {12, 5}, {1.6, 1}, {2.6, 1.5}}

// loginPrior is the prior of services with few, long connections after a login.
var loginPrior = prior{{6.5, 2}, {5, 1.6}, {8, 4}, {10, 5}, {0.9, 0.6}, {1.5, 1}}

// webPrior is the prior of services with dozens of connections for one page.
var webPrior = prior{{7.5, 2}, {5.5, 1.6}, {10, 4}, {12, 5}, {2, 1.7}, {3, 2}}

// priors are for services that are used in the same way in most networks.
var priors = map[uint64]prior{
	serviceKey(models.ProtoTCP, 80):     webPrior,
	serviceKey(models.ProtoTCP, 443):    webPrior,
	serviceKey(models.ProtoTCP, 8080):   webPrior,
	serviceKey(models.ProtoTCP, 8443):   webPrior,
	serviceKey(models.ProtoUDP, 443):    webPrior,
	serviceKey(models.ProtoTCP, 21):     loginPrior,
	serviceKey(models.ProtoTCP, 22):     loginPrior,
	serviceKey(models.ProtoTCP, 23):     loginPrior,
	serviceKey(models.ProtoTCP, 3306):   loginPrior,
	serviceKey(models.ProtoTCP, 3389):   loginPrior,
	serviceKey(models.ProtoTCP, 5432):   loginPrior,
	serviceKey(models.ProtoTCP, 5900):   loginPrior,
	serviceKey(models.ProtoUDP, 53):     {{5.3, 0.35}, {4.0, 0.3}, {8, 2}, {9.5, 2}, {3, 1.5}, {5, 2}},
	serviceKey(models.ProtoUDP, 123):    {{5.6, 0.3}, {2.5, 1}, {6, 1}, {6, 1}, {0.8, 0.7}, {2, 1}},
	serviceKey(models.ProtoICMP, 8):     {{5.8, 0.5}, {5, 0.8}, {10, 2}, {10, 2}, {0.8, 0.7}, {1.5, 1}},
	serviceKey(models.ProtoICMPv6, 128): {{5.8, 0.5}, {5, 0.8}, {10, 2}, {10, 2}, {0.8, 0.7}, {1.5, 1}},
}

func serviceKey(p models.Proto, port uint16) uint64 {
	return mix(uint64(port)<<8|uint64(p), 0x1d8af066bb3f4a31)
}

func (s *service) setPrior(b prior) {
	s.n = priorWeight
	for i, x := range b {
		s.mean[i], s.vari[i], s.floor[i] = x[0], x[1]*x[1], floorShare*x[1]
	}
}

// learn adds a sample to the baseline.
func (s *service) learn(x *[measures]float32) {
	s.n = min(s.n+1, serviceMemory)
	w := 1 / s.n
	for i := range s.mean {
		d := x[i] - s.mean[i]
		s.mean[i] += d * w
		s.vari[i] += (d*(x[i]-s.mean[i]) - s.vari[i]) * w
	}
}

// excess returns by how many standard deviations x is above the mean, 0 if it is below.
func (s *service) excess(i int, x float32) float64 {
	sd := math.Sqrt(float64(s.vari[i] + s.floor[i]*s.floor[i]))
	return max(float64(x-s.mean[i])/sd, 0)
}

func (e *service) fields(c *state.Codec) {
	c.F32(&e.n)
	c.F32s(e.mean[:])
	c.F32s(e.vari[:])
	c.F32s(e.floor[:])
	e.clients.fields(c)
}

// measure returns the measures of a pair.
func (p *pair) measure() (x [measures]float32) {
	n := max(p.filled[long960], 1e-3)
	x[upSize] = log2f(p.up[long960] / n)
	x[upEntropy] = p.entropy[long960] / n
	x[upMinute], x[downMinute] = log2f(p.up[mid60]), log2f(p.down[mid60])
	x[openedMinute], x[openedQuarter] = log2f(p.opened[mid60]), log2f(p.opened[long960])
	return x
}

func log2f(v float32) float32 { return float32(chordLog(1 + float64(v))) }

// baseline returns the baseline of the packet's service.
func (v *View) baseline() *service {
	if v.service != nil {
		return v.service
	}
	key := serviceKey(v.Meta.Proto, v.ServicePort())
	s, fresh := v.extractor.services.get(key)
	if fresh {
		b, ok := priors[key]
		if !ok {
			b = anyServicePrior
		}
		s.setPrior(b)
	}
	v.service = s
	return s
}

// LearnService adds a sample of the packet's pair to the baseline of its service. Samples of
// one pair are at least samplePause times their number apart, up to one a minute, so that no
// single pair determines the baseline.
func (v *View) LearnService() {
	p, ts := v.pair, int64(v.Meta.TS)
	if near(ts, p.learnedAt, int64(p.learned)*samplePause) {
		return
	}
	p.learnedAt, p.learned = ts, min(p.learned+1, maxPairSamples)
	x := p.measure()
	v.baseline().learn(&x)
}

const (
	samplePause    = 5 * second
	maxPairSamples = 12
)

func (v *View) serviceValues(out *[MaxFeatures]float64) {
	x, s := v.pair.measure(), v.baseline()
	for i := range x {
		out[i] = s.excess(i, x[i])
	}
}

// LoginWeight is the share of short sessions at the packet's service that count as attempts to
// log in, over a minute or, if slow, a quarter of an hour. It is small where many short
// connections are ordinary.
func (v *View) LoginWeight(slow bool) float64 {
	p := v.pair
	same := min(p.lengths.regularity(), p.results.regularity())
	if slow && isWebPort(v.ServicePort()) { // health checks are alike, and never end
		same = 0
	}
	small := p.lengths.mean <= 1000 && p.results.mean <= 1000
	switch port := v.ServicePort(); port {
	case 110, 143, 993, 995: // a mail program opens several connections at a time
		return 0.7
	case 21, 22, 23, 512, 513, 514, 1723, 2222, 3389, 5900, 5901, 6667:
		return 1
	case 25, 445, 465, 587:
		return 0.4
	case 1433, 1521, 3306, 5432, 6379, 27017:
		if same >= alikeBits && small { // a query has more of a result than a refusal
			return 0.5
		}
		return 0.12
	case 389, 636, 1080, 1883, 3268, 3269, 5985, 5986:
		if same >= alikeBits && small {
			return 0.3
		}
		return 0.05
	case 53, 88, 111, 123, 135, 137, 139, 464, 853, 5222, 5223, 5228:
		return 0.05
	default:
		if isWebPort(port) {
			return v.webLoginWeight(same)
		}
		if port >= 1024 || isController(port) {
			return 0.05
		}
	}
	return 0.6
}

// alikeBits is log2 of mean / mean deviation from which the lengths of requests and of answers
// are those of one request that is repeated.
const alikeBits = 3

// webLoginWeight is LoginWeight for web services. Pages and programs open many short
// connections, whose requests and answers differ. The requests of a flood come faster than
// guesses, unless the service denies them.
func (v *View) webLoginWeight(same float64) float64 {
	p, weight := v.pair, 0.03
	if same >= alikeBits+1 {
		weight = 0.05
	}
	if fast := p.ended[short4]; fast > 270 || fast > 40 && fast > 0.75*p.ended[mid60] {
		weight = 0
	}
	return max(weight, float64(min(p.denied[mid60]/max(p.ended[mid60], 1), 1)))
}

// isController reports whether the service is that of industrial controllers (S7, Modbus), which
// are asked in short sessions, each minute and without a log-in.
func isController(port uint16) bool { return port == 102 || port == 502 }

// CallWeight is the share of the regularity of a pair's connections that counts as evidence:
// none for groups and for services that are called regularly everywhere.
func (v *View) CallWeight() float64 {
	if !Answerable(v.Target()) {
		return 0
	}
	switch v.ServicePort() {
	case 53, 67, 68, 88, 111, 123, 137, 138, 161, 162, 389, 502, 514, 546, 547, 853, 1812, 1883, 1900, 5353, 5355, 8883, 20000, 44818, 47808:
		return 0
	}
	weight := 1.3
	switch p := v.pair; {
	case v.Meta.Proto != models.ProtoTCP:
		weight = 0.15
	case v.isInside():
		weight = 0.25
	case isWebPort(v.ServicePort()): // pages and programs poll
		weight = clamp01(float64(p.gaps.mean)/pollSeconds + 0.2)
		if p.names&pairNamed != 0 {
			weight *= 0.7
		}
	}
	return weight * v.rareTarget()
}

// rareTarget is 1 for a destination with one client and less with more of them: what several
// hosts call is rather a common service than a control channel.
func (v *View) rareTarget() float64 {
	others := max(v.target.clients.count()-1, 0)
	return 1 / (1 + 0.7*float64(others))
}

// pollSeconds is the interval from which polls of a web service count fully: pages poll faster.
const pollSeconds = 4

// UploadWeight is the share of an upload that counts as evidence: within a network, copies and
// backups are ordinary.
func (v *View) UploadWeight() float64 {
	switch {
	case !Answerable(v.Target()):
		return 0
	case v.isInside():
		return 0.2
	case v.isUnusualPort():
		return 3
	}
	return 1
}

// BeatWeight is the share of the regularity of messages that counts as evidence: within a
// network programs watch each other.
func (v *View) BeatWeight() float64 {
	spaced := clamp01(float64(v.conn.beats.mean) / beatSeconds) // a progress report each second is ordinary
	if v.isInside() {
		return 0.7 * spaced
	}
	return spaced
}

// DrivenWeight is the share of the exchanges that a destination began that counts as evidence.
func (v *View) DrivenWeight() float64 { return v.rareTarget() }

// beatSeconds is the mean time between messages from which their regularity counts fully.
const beatSeconds = 4

// isLocal reports whether an address is of a private or link-local range.
func isLocal(a netip.Addr) bool {
	a = a.Unmap()
	return a.IsPrivate() || a.IsLinkLocalUnicast() || a.IsLoopback()
}
