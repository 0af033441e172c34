package measure

import (
	"net/netip"
	"slices"

	"github.com/netlyra/netlyra/internal/models"
)

// Calibrated is the score that, by definition, one benign packet in ten thousand reaches.
const Calibrated = 0.8

// Capture collects the packets of one labeled capture with their scores and alerts.
type Capture struct {
	threshold   float64
	names       []string
	packets     []packet
	labeled     map[netip.Addr][]seen // attack packets by each of their addresses, in capture order
	alerts      map[string]models.Alert
	order       []string // ids of alerts, in the order of their start
	first, last models.Timestamp
}

type packet struct {
	ts     models.Timestamp
	score  float64
	attack int16 // index in names, -1 for benign
}

// seen is a labeled packet of an address.
type seen struct {
	ts     models.Timestamp
	attack int16
}

// NewCapture returns a Capture. threshold is the score at which alerts start; names are
// the attacks that Add refers to.
func NewCapture(threshold float64, names []string) *Capture {
	return &Capture{threshold: threshold, names: names, labeled: map[netip.Addr][]seen{}, alerts: map[string]models.Alert{}}
}

// Packet describes one packet for Add. Score is 0 without a score; packets that
// could not be decoded have no addresses.
type Packet struct {
	TS       models.Timestamp
	Src, Dst netip.Addr
	Score    float64
	Attack   int // index in names, -1 for benign
}

// Add adds the next packet.
func (c *Capture) Add(p Packet) {
	if len(c.packets) == 0 {
		c.first, c.last = p.TS, p.TS
	}
	c.first, c.last = min(c.first, p.TS), max(c.last, p.TS)
	c.packets = append(c.packets, packet{p.TS, p.Score, int16(p.Attack)})
	if p.Attack < 0 {
		return
	}
	for _, a := range [2]netip.Addr{p.Src.Unmap(), p.Dst.Unmap()} {
		if a.IsValid() {
			c.labeled[a] = append(c.labeled[a], seen{p.TS, int16(p.Attack)})
		}
	}
}

// Alert adds a record of an alert; the last record of an id counts.
func (c *Capture) Alert(a *models.Alert) {
	if old, known := c.alerts[a.ID]; !known {
		c.order = append(c.order, a.ID)
	} else if a.Count < old.Count {
		return
	}
	c.alerts[a.ID] = *a
}

// hits returns the attacks that an alert hits: those with a packet within its time span
// that has one of its addresses.
func (c *Capture) hits(a *models.Alert) (attacks []int16) {
	for _, text := range []string{a.SrcIP, a.DstIP} {
		addr, err := netip.ParseAddr(text)
		if err != nil {
			continue
		}
		for _, s := range c.labeled[addr.Unmap()] {
			if s.ts >= a.TS && s.ts <= a.LastTS && !slices.Contains(attacks, s.attack) {
				attacks = append(attacks, s.attack)
			}
		}
	}
	return attacks
}
