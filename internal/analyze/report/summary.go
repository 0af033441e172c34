package report

import (
	"cmp"
	"maps"
	"slices"

	"github.com/netlyra/netlyra/internal/models"
)

// maxHosts is how many hosts a Summary tells apart at once. When there is one more,
// the half with the fewest bytes is forgotten: a host that matters comes back with its
// next connection, and is then counted too low by what it had had.
const maxHosts = 1 << 16

// Capture is what was read.
type Capture struct {
	Files       []string
	Frames      uint64
	Bytes       uint64           // on the wire
	First, Last models.Timestamp // earliest and latest frame
	Packets     uint64           // decoded: more than frames, where one carries several
	PassedOver  map[string]uint64
	// InnerSkipped counts, by reason, packets inside of tunnels that were not decoded; the
	// packet around each is among Packets.
	InnerSkipped map[string]uint64
	Scoring      bool   // packets were to be scored
	Scored       uint64 // of Packets; the others warmed the model up
	Interrupted  bool   // there is more to read
	MoreAlerts   bool   // there were more than were held
}

// Summary sums up connections. The zero value is ready.
type Summary struct {
	connections uint64
	tunnelled   uint64 // of them inside of others
	hosts       map[string]*volume
	forgotten   bool // hosts were
	protocols   map[string]*volume
	services    map[string]*volume
	states      map[string]uint64
}

// volume is what one host, protocol or service has to do with.
type volume struct {
	name                 string
	connections, packets uint64
	out, in              uint64 // bytes of IP packets; of a protocol or service: of the originators and responders
}

func (v *volume) bytes() uint64 { return v.out + v.in }

// Connection accounts for a connection that has ended.
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
		s.forget()
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

// forget drops the half of the hosts with the fewest bytes.
func (s *Summary) forget() {
	s.forgotten = true
	for _, v := range largest(s.hosts)[maxHosts/2:] {
		delete(s.hosts, v.name)
	}
}

// largest is all of m, most bytes first.
func largest(m map[string]*volume) []*volume {
	return slices.SortedFunc(maps.Values(m), func(a, b *volume) int {
		return cmp.Or(cmp.Compare(b.bytes(), a.bytes()), cmp.Compare(a.name, b.name))
	})
}
