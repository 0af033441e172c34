package engine

import (
	"math"
	"math/bits"

	"github.com/netlyra/netlyra/engine/features"
	"github.com/netlyra/netlyra/internal/models"
)

// evidence is what an episode has collected; it determines kind, severity and summary.
type evidence struct {
	ports, peers, sources bitmap
	packets, bytes        uint64
	syns, opened          uint64
}

// bitmap estimates the number of distinct items to within a few per cent, up to several
// thousand (linear counting).
type bitmap [16]uint64

func (b *bitmap) add(h uint64) { b[h>>10%16] |= 1 << (h & 63) }

func (b *bitmap) count() int {
	n := 0
	for _, w := range b {
		n += bits.OnesCount64(w)
	}
	const all = 16 * 64
	if n >= all {
		n = all - 1
	}
	return int(math.Round(all * math.Log(all/float64(all-n))))
}

// spread distributes the bits of a small number or a hash evenly (the finalizer of splitmix64).
func spread(v uint64) uint64 {
	v = (v ^ v>>30) * 0xbf58476d1ce4e5b9
	v = (v ^ v>>27) * 0x94d049bb133111eb
	return v ^ v>>31
}

// size returns the mean payload of the packets.
func (e *evidence) size() float64 { return float64(e.bytes) / float64(max(e.packets, 1)) }

func (e *evidence) add(v *features.View) {
	e.packets++
	e.bytes += uint64(v.Meta.PayloadLen)
	e.ports.add(spread(uint64(v.ServicePort()) + 1))
	e.peers.add(spread(v.TargetKey))
	e.sources.add(spread(v.SourceKey))
	if v.Meta.Flags&(models.FlagSYN|models.FlagACK) == models.FlagSYN {
		e.syns++
	}
	if v.Opened {
		e.opened++
	}
}

// gather records the strongest finding of an episode in its evidence.
func (ep *episode) gather(ts models.Timestamp, f finding, limit float64) {
	name := featureName(f.behavior)
	e := &models.Evidence{Feature: name, Value: f.value, Limit: limit, Level: f.level}
	if old := ep.alert.Evidence; old != nil && old.Feature == name {
		e.Series = thinned(old.Series)
	}
	e.Series = append(e.Series, models.EvidencePoint{TS: ts, Value: f.value})
	ep.alert.Evidence = e // alerts that were emitted keep the old one
}

// thinned copies a series; of a full one it takes the first point and every second one.
func thinned(points []models.EvidencePoint) []models.EvidencePoint {
	out := make([]models.EvidencePoint, 0, models.MaxEvidencePoints)
	for i, p := range points {
		if len(points) < models.MaxEvidencePoints || i%2 == 0 {
			out = append(out, p)
		}
	}
	return out
}
