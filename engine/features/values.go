package features

import (
	"math"

	"github.com/netlyra/netlyra/internal/models"
)

// Values writes the values of the features of group g to out, each in its unit and in the
// order of Of(g), and returns their number.
func (v *View) Values(g Group, out *[MaxFeatures]float64) int {
	switch g {
	case Packet:
		v.packetValues(out)
	case Conn:
		v.connectionValues(out)
	case Fanout:
		v.fanoutValues(out)
	case Slow:
		v.slowValues(out)
	case Volume:
		v.volumeValues(out)
	case Target:
		v.targetValues(out)
	case Pair:
		v.pairValues(out)
	case Service:
		v.serviceValues(out)
	case Novelty:
		v.noveltyValues(out)
	}
	return span[g][1] - span[g][0]
}

// Place maps the values of group g to 0…1 by the scaling of each feature. values and out may
// be the same array.
func Place(g Group, values, out *[MaxFeatures]float64) {
	n := span[g][1] - span[g][0]
	for i := range n {
		out[i] = scalings[g][i].Scale(values[i])
	}
}

func (v *View) packetValues(out *[MaxFeatures]float64) {
	m := v.Meta
	out[0], out[1] = float64(m.PayloadLen), float64(m.Entropy)/100
	out[2], out[3] = 0, protoClass(m.Proto)
	if m.Proto == models.ProtoTCP {
		out[2] = flagRarity[m.Flags]
	}
	out[4] = float64(v.ServicePort())
	out[5] = firstPacketGap
	if v.gap >= 0 {
		out[5] = float64(v.gap) / 1e9
	}
}

func protoClass(p models.Proto) float64 {
	switch p {
	case models.ProtoTCP:
		return classTCP
	case models.ProtoUDP:
		return classUDP
	case models.ProtoICMP, models.ProtoICMPv6:
		return classICMP
	}
	return classOther
}

// flagRarity is the class of every set of TCP flags.
var flagRarity = func() (t [256]float64) {
	for i := range t {
		f := models.TCPFlags(i) &^ (models.FlagECE | models.FlagCWR)
		switch f {
		case models.FlagACK, models.FlagACK | models.FlagPSH:
			t[i] = flagsData
		case models.FlagSYN, models.FlagSYN | models.FlagACK, models.FlagFIN | models.FlagACK, models.FlagFIN | models.FlagACK | models.FlagPSH:
			t[i] = flagsOpenClose
		case models.FlagRST, models.FlagRST | models.FlagACK:
			t[i] = flagsReset
		case models.FlagACK | models.FlagURG, models.FlagACK | models.FlagPSH | models.FlagURG, models.FlagRST | models.FlagACK | models.FlagPSH:
			t[i] = flagsRare
		default:
			t[i] = flagsInvalid
		}
	}
	return t
}()

func (v *View) connectionValues(out *[MaxFeatures]float64) {
	c := v.conn
	n := float64(c.packets[0] + c.packets[1])
	out[0] = n
	out[1], out[2] = c.bytes[c.orig&1], c.bytes[c.orig&1^1]
	out[3] = n / max(float64(c.age())/1e9, 1)
	mean := c.sizes[0] / n
	out[4] = math.Sqrt(max(c.sizes[1]/n-mean*mean, 0))
	out[5] = float64(c.entropy)
	switch {
	case c.reset && n <= refusedWithin:
		out[6] = connRefused
	case c.reset:
		out[6] = connResetLater
	case !c.answered:
		out[6] = connUnanswered
	default:
		out[6] = connAnswered
	}
}

// refusedWithin is the maximum number of packets of a connection that counts as refused.
const refusedWithin = 3

func unanswered(opened, answered *amount, w pending, horizon int) float64 {
	return max(float64(opened[horizon]-answered[horizon]-float32(w)), 0)
}

func (v *View) fanoutValues(out *[MaxFeatures]float64) {
	s, ts := v.source, int64(v.Meta.TS)
	s.ports.turn(ts, 60*second)
	s.peers.turn(ts, 60*second)
	out[0], out[1] = s.ports.estimate(), s.peers.estimate()
	out[2], out[3] = float64(s.opened[short4]), float64(s.opened[mid60])
	out[4] = unanswered(&s.opened, &s.answered, s.pending, mid60)
	out[5] = out[4] / (out[3] + 5)
}

func (v *View) slowValues(out *[MaxFeatures]float64) {
	s, ts := v.source, int64(v.Meta.TS)
	s.slowPorts.turn(ts, longest)
	s.slowPeers.turn(ts, longest)
	out[0], out[1] = s.slowPorts.estimate(), s.slowPeers.estimate()
	out[2] = float64(s.opened[long960])
	out[3] = unanswered(&s.opened, &s.answered, s.pending, long960)
	out[4] = float64(s.payload[long960])
}

func (v *View) volumeValues(out *[MaxFeatures]float64) {
	s := v.source
	out[0], out[1] = s.packets.rate(s.age()), s.bytes.rate(s.age())
	up, down, n := float64(s.payload[mid60]), float64(s.down[mid60]), float64(s.packets[mid60])
	out[2] = up / (up + down + fewBytes)
	out[3] = up / (n + fewPackets)
	out[4] = float64(s.empty[mid60]) / (n + fewPackets)
}

func (v *View) targetValues(out *[MaxFeatures]float64) {
	t, ts := v.target, int64(v.Meta.TS)
	t.sources.turn(ts, 60*second)
	t.ports.turn(ts, 60*second)
	out[0], out[1] = t.sources.estimate(), t.ports.estimate()
	out[2], out[3] = float64(t.opened[short4]), float64(t.opened[mid60])
	out[4] = unanswered(&t.opened, &t.answered, t.pending, mid60)
	out[5] = t.packets.rate(t.age())
}

func (v *View) pairValues(out *[MaxFeatures]float64) {
	p := v.pair
	out[0], out[1] = float64(p.opened[mid60]), float64(p.opened[long960])
	out[2] = p.gaps.regularity()
	out[6] = min(p.sizes.regularity(), 5) * min(1, out[2]/2)
	n := max(out[1], 1)
	out[3], out[4] = float64(p.up[long960])/n, float64(p.down[long960])/n
	out[5] = (float64(p.up[mid60]) + float64(p.down[mid60])) / (halfLife[mid60] / math.Ln2)
}

// fewBytes and fewPackets are added to divisors, which draws shares and means to 0 while
// there is little traffic.
const (
	fewBytes   = 1e6
	fewPackets = 100
)

// Interval is the mean time between the latest connections of the packet's pair in
// seconds, 0 while there were fewer than three intervals.
func (v *View) Interval() float64 {
	if v.pair.gaps.n < 3 {
		return 0
	}
	return float64(v.pair.gaps.mean)
}

// Rates returns the packets and bytes per second that the source sent over the last few
// seconds.
func (v *View) Rates() (packets, bytes float64) {
	s := v.source
	return s.packets.rate(s.age()), s.bytes.rate(s.age())
}
