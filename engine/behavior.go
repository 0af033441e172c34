package engine

import (
	"math"
	"math/bits"
	"net/netip"

	"github.com/netlyra/netlyra/engine/features"
	"github.com/netlyra/netlyra/engine/internal/state"
	"github.com/netlyra/netlyra/engine/reference"
	"github.com/netlyra/netlyra/internal/models"
	"github.com/netlyra/netlyra/internal/models/vocabulary"
)

// role is what an alert of a behavior is about.
type role uint8

const (
	bySource role = iota // the source, towards the destination
	onTarget             // the destination; its source, if one dominates
	onVictim             // the originator, towards which others send
)

// rule says what a behavior means.
type rule struct {
	kind string
	role role
}

// rules are the behaviors' kinds, in the order of the constants of package features.
var rules = [features.Behaviors]rule{
	features.ProbedPorts:     {vocabulary.KindPortScan, bySource},
	features.ProbedPortsSlow: {vocabulary.KindPortScan, bySource},
	features.ProbedHosts:     {vocabulary.KindHostScan, bySource},
	features.ProbedHostsSlow: {vocabulary.KindHostScan, bySource},
	features.StrangeFlags:    {vocabulary.KindPortScan, bySource},
	features.HalfOpen:        {vocabulary.KindFlood, onTarget},
	features.OneWay:          {vocabulary.KindFlood, onTarget},
	features.PingFlood:       {vocabulary.KindICMPFlood, onTarget},
	features.ErrorFlood:      {vocabulary.KindICMPFlood, onVictim},
	features.Unasked:         {vocabulary.KindReflection, onVictim},
	features.Logins:          {vocabulary.KindBruteForce, bySource},
	features.LoginsSlow:      {vocabulary.KindBruteForce, bySource},
	features.EchoData:        {vocabulary.KindTunnel, bySource},
	features.QueryData:       {vocabulary.KindTunnel, bySource},
	features.Upload:          {vocabulary.KindExfiltration, bySource},
	features.Calls:           {vocabulary.KindBeacon, bySource},
	features.Beats:           {vocabulary.KindBeacon, bySource},
	features.UnnamedTLS:      {vocabulary.KindBeacon, bySource},
	features.NameData:        {vocabulary.KindTunnel, bySource},
	features.MissingDomains:  {vocabulary.KindDGA, bySource},
	features.Waiting:         {vocabulary.KindSlowHTTP, onTarget},
	features.Requests:        {vocabulary.KindFlood, onTarget},
	features.Driven:          {vocabulary.KindBeacon, bySource},
	features.AdminHosts:      {vocabulary.KindLateral, bySource},
	features.Claims:          {vocabulary.KindARPSpoof, bySource},
	features.Resolved:        {vocabulary.KindARPScan, bySource},
	features.Leases:          {vocabulary.KindStarvation, bySource},
	features.Servers:         {vocabulary.KindRogueDHCP, bySource},
	features.Odd:             {vocabulary.KindUnusual, bySource},
}

// finding is a behavior at one packet, with the probability that ordinary traffic shows it.
type finding struct {
	behavior features.Behavior
	value    float64 // in the unit of its feature
	level    float64 // −log10 of the probability, per subject and minute
	weight   float64 // share of the value that was compared; 0 stands for 1
}

// plain converts a limit, which is compared with weighted values, to the unit of the feature.
func (f finding) plain(limit float64) float64 {
	if f.weight == 0 {
		return limit
	}
	return limit / f.weight
}

// behaviors turns statistics into probabilities. A value is improbable only if it is
// improbable by the reference, which describes many networks, and by what this network has
// shown. So a new network starts with the reference, and can only make the limits less strict.
type behaviors struct {
	seen   [features.Behaviors]shown
	limits *reference.Reference
	strict strictness
	// observe is called with every change of a peak; nil: not. See Pipeline.ObservePeaks.
	observe func(of features.Behavior, before, after features.Peak)
}

func newBehaviors(cfg Config) behaviors {
	return behaviors{limits: cfg.reference(), strict: newStrictness(cfg)}
}

// maxLogValue is the largest log2(1 + value) that is distinguished.
const maxLogValue = 32

// level returns −log10 of the probability that a subject's statistic reaches the value in a
// minute, less what the budget demands.
func (b *behaviors) level(of features.Behavior, value float64) float64 {
	x := math.Log2(1 + value)
	level := b.limits.Level(of, x)
	return max(b.seen[of].revise(level, x)-b.strict.lower, 0)
}

// limit returns the value of a behavior at which its level reaches the wanted one.
func (b *behaviors) limit(of features.Behavior, want float64) float64 {
	low, high := 0.0, float64(maxLogValue)
	for range 40 {
		if mid := (low + high) / 2; b.level(of, math.Exp2(mid)-1) >= want {
			high = mid
		} else {
			low = mid
		}
	}
	return math.Exp2(high) - 1
}

// Improbable values are learned once an hour from each subject, at a fraction of their number:
// an attack is not ordinary because it lasts. What many subjects show becomes ordinary.
const (
	improbableLevel  = 3.0
	improbableWeight = 1.0 / 16
	improbablePause  = 60 // minutes
)

// learn counts the highest value of the minute that has ended for the subject, if one has.
func (b *behaviors) learn(v *features.View, of features.Behavior, value float64) {
	b.learnPeak(v.PeakOf(of), v.Meta.TS, finding{behavior: of, value: value})
}

// learnPeak counts a value in the peak of its subject, which is learned when its minute ends.
func (b *behaviors) learnPeak(peak *features.Peak, ts models.Timestamp, f finding) {
	before := *peak
	ended, ok := peak.Turn(ts, float32(f.value))
	if b.observe != nil && *peak != before {
		b.observe(f.behavior, before, *peak)
	}
	if !ok {
		return
	}
	b.strict.count(ts)
	x, weight := math.Log2(1+float64(ended)), float32(1)
	if b.limits.Level(f.behavior, x) >= improbableLevel {
		weight = improbableWeight
		if d := peak.Minute - peak.Counted; peak.Counted != 0 && d < improbablePause && d > -improbablePause {
			return
		}
		peak.Counted = peak.Minute
	}
	b.seen[f.behavior].add(x, weight)
}

// strongest evaluates the behaviors that the packet may have raised and returns the one with
// the highest level that concerns the packet's hosts. A named kind precedes an unnamed one.
func (b *behaviors) strongest(v *features.View) (best finding) {
	for set := v.AnyMoved(); set != 0; set &= set - 1 {
		of := features.Behavior(bits.TrailingZeros32(set))
		plain, share := v.Statistic(of), 1.0
		if plain > 0 {
			share = weight(of, v)
		}
		value := plain * share
		b.learn(v, of, value)
		if value < b.limits.Values[of][0] { // hardly improbable
			continue
		}
		f := finding{of, plain, b.level(of, value), share}
		if concerns(of, v) && f.outranks(best.behavior, best.level) {
			best = f
		}
	}
	return best
}

// outranks reports whether a finding says more than one of another behavior and level: the
// higher level does, but an improbable specific behavior does so in any case before a general
// one. A fast scan is also a flood, and everything is also improbable for the forests.
func (f finding) outranks(other features.Behavior, level float64) bool {
	mine, its := generality(f.behavior), generality(other)
	switch {
	case mine < its && f.level >= specificLevel:
		return true
	case mine > its && level >= specificLevel:
		return false
	}
	return f.level > level
}

// specificLevel is the level from which a specific behavior precedes a general one.
const specificLevel = 4

// generality orders behaviors from specific to general.
func generality(b features.Behavior) int {
	switch b {
	case features.HalfOpen, features.OneWay, features.Requests:
		return 1
	case features.Odd:
		return 2
	}
	return 0
}

// concerns reports whether a behavior of the packet's destination is caused by its source, or
// by many sources together.
func concerns(of features.Behavior, v *features.View) bool {
	return rules[of].role != onTarget || v.Dominates() || v.Crowd() || v.OneOfMany()
}

// weight is the share of a statistic that counts as evidence: it is smaller for classes of
// services where it is ordinary.
func weight(of features.Behavior, v *features.View) float64 {
	switch of {
	case features.Logins:
		return v.LoginWeight(false)
	case features.LoginsSlow:
		return v.LoginWeight(true)
	case features.Calls:
		return v.CallWeight()
	case features.Upload:
		return v.UploadWeight()
	case features.Beats:
		return v.BeatWeight()
	case features.Driven:
		return v.DrivenWeight()
	}
	return 1
}

// about returns the key of the subject of a finding, and the addresses that an alert names.
func (f finding) about(v *features.View) (key uint64, src, dst netip.Addr) {
	switch r := rules[f.behavior]; {
	case r.role == onVictim:
		return v.SourceKey ^ victimSalt, v.Target(), v.Source()
	case r.role == onTarget && !v.Dominates():
		return v.TargetKey ^ targetSalt, v.Source(), v.Target()
	}
	return v.SourceKey, v.Source(), v.Target()
}

const victimSalt = 0x2b992ddfa23249d6

func (b *behaviors) fields(c *state.Codec) {
	for i := range b.seen {
		b.seen[i].fields(c)
	}
	b.strict.fields(c)
}

// oddStep is the evidence that one evaluation of the forests adds: −log10 of the packet's
// probability, turned into a bet that pays on average at most its stake if the traffic is
// ordinary (V. Vovk and R. Wang, "E-values: Calibration, combination and applications",
// Annals of Statistics 2021, with the calibrator κp^(κ−1)).
func oddStep(level float64) float64 {
	const kappa = 0.35
	return min(math.Log10(kappa)+(1-kappa)*level, oddMost)
}

const (
	oddMost  = 1.5 // the most that one evaluation adds
	oddEvery = 5e9 // nanoseconds between two evaluations of one group that count
)

// gatherOdd adds the evidence of the packet's strongest group to its source.
func (p *Pipeline) gatherOdd(v *features.View, g features.Group, level float64) {
	if !v.Due[g] || g == features.Packet && level < 3 || !v.TakeOdd(g, oddEvery) {
		return
	}
	v.AddOdd(g, float32(oddStep(level)))
}

// featureName is the name of a behavior's statistic.
func featureName(b features.Behavior) string { return features.RowOf(b).Name }
