package report

import (
	"cmp"
	"maps"
	"slices"

	"github.com/netlyra/netlyra/internal/models"
)

// maxHosts is the maximum number of hosts in a Summary. Above it, the half with the fewest
// bytes is evicted. An evicted host that is active again is counted from zero, so its totals
// are too low by its earlier traffic.
const maxHosts = 1 << 16

// Capture describes the input of an analysis.
type Capture struct {
	Files       []string
	Frames      uint64
	Bytes       uint64           // on the wire
	First, Last models.Timestamp // earliest and latest frame
	Packets     uint64           // decoded: more than frames if a frame has several
	// Skipped counts, by code of vocabulary.DecodeDrops or CaptureDrops, frames without a packet.
	Skipped map[string]uint64
	// InnerSkipped counts, by code of vocabulary.DecodeDrops, packets inside of tunnels that
	// were not decoded; the packet around each is among Packets.
	InnerSkipped map[string]uint64
	Scoring      bool   // packets were scored
	Scored       uint64 // of Packets; the others were part of the warm-up
	Interrupted  bool   // the input was not read to its end
	MoreAlerts   bool   // report.Alerts discarded some
}

// Summary is the totals of connections. The zero value is ready to use.
type Summary struct {
	connections uint64
	tunnelled   uint64 // of them inside of tunnels
	hosts       map[string]*volume
	evicted     bool // hosts were evicted
	protocols   map[string]*volume
	services    map[string]*volume
	states      map[string]uint64
}

// volume is the traffic of one host, protocol or service.
type volume struct {
	name                 string
	connections, packets uint64
	out, in              uint64 // bytes of IP packets; of a protocol or service: of the originators and responders
}

func (v *volume) bytes() uint64 { return v.out + v.in }

// Connection adds a connection that has ended.
func (s *Summary) Connection(c *models.Connection) {
	if s.hosts == nil {
		s.hosts, s.protocols = map[string]*volume{}, map[string]*volume{}
		s.services, s.states = map[string]*volume{}, map[string]uint64{}
	}
	s.connections++
	s.states[c.State]++
	if c.Parent != "" {
		s.tunnelled++
	}
	add(s.protocols, c.Proto, c.OrigIPBytes, c.RespIPBytes, c)
	if c.Service != "" {
		add(s.services, c.Service, c.OrigIPBytes, c.RespIPBytes, c)
	}
	add(s.hosts, c.SrcIP, c.OrigIPBytes, c.RespIPBytes, c)
	if c.DstIP != c.SrcIP {
		add(s.hosts, c.DstIP, c.RespIPBytes, c.OrigIPBytes, c)
	}
	if len(s.hosts) > maxHosts {
		s.evict()
	}
}

func add(m map[string]*volume, name string, out, in uint64, c *models.Connection) {
	v := m[name]
	if v == nil {
		v = &volume{name: name}
		m[name] = v
	}
	v.connections++
	v.packets += c.OrigPackets + c.RespPackets
	v.out += out
	v.in += in
}

// evict removes the half of the hosts with the fewest bytes.
func (s *Summary) evict() {
	s.evicted = true
	for _, v := range largest(s.hosts)[maxHosts/2:] {
		delete(s.hosts, v.name)
	}
}

// largest returns the values of m by descending number of bytes.
func largest(m map[string]*volume) []*volume {
	return slices.SortedFunc(maps.Values(m), func(a, b *volume) int {
		return cmp.Or(cmp.Compare(b.bytes(), a.bytes()), cmp.Compare(a.name, b.name))
	})
}
