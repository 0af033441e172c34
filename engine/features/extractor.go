package features

import (
	"fmt"

	"github.com/netlyra/netlyra/internal/models"
)

// Config bounds the number of entries of each table. A size is rounded up to a power of two
// of sets of eight.
type Config struct {
	Connections int
	Sources     int
	Targets     int
	Pairs       int
	Services    int
}

// DefaultConfig returns sizes that need about 20 MB.
func DefaultConfig() Config {
	return Config{Connections: 1 << 16, Sources: 1 << 13, Targets: 1 << 13, Pairs: 1 << 15, Services: 1 << 12}
}

// Validate returns an error that names the first field that is out of range.
func (c Config) Validate() error {
	for _, f := range []struct {
		name string
		v    int
	}{{"Connections", c.Connections}, {"Sources", c.Sources}, {"Targets", c.Targets}, {"Pairs", c.Pairs}, {"Services", c.Services}} {
		if f.v < 8 || f.v > 1<<24 {
			return fmt.Errorf("features: %s is %d, want 8…%d", f.name, f.v, 1<<24)
		}
	}
	return nil
}

// Extractor holds the state of connections, hosts and services. Create it with New.
type Extractor struct {
	cfg      Config
	conns    sets[conn]
	sources  sets[source]
	targets  sets[target]
	pairs    sets[pair]
	services sets[service]
	clients  sets[struct{}] // keys of source and service together
	duos     sets[duo]
	sweeps   sets[sweep]
	domains  sets[domain]
	census   census
	view     View
}

// New allocates an Extractor.
func New(cfg Config) (*Extractor, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	return &Extractor{cfg: cfg, conns: newSets[conn](cfg.Connections), sources: newSets[source](cfg.Sources),
		targets: newSets[target](cfg.Targets), pairs: newSets[pair](cfg.Pairs), services: newSets[service](cfg.Services),
		clients: newSets[struct{}](cfg.Pairs), duos: newSets[duo](cfg.Sources), sweeps: newSets[sweep](cfg.Sources), domains: newSets[domain](cfg.Sources), census: newCensus()}, nil
}

// Observe updates the state with a packet and returns the entries that the packet touched
// and the groups that are due for evaluation. m must stay unchanged while the View is used.
func (e *Extractor) Observe(m *models.PacketMeta) *View {
	v, ends, ts := &e.view, endsOf(m), int64(m.TS)
	*v = View{Meta: m, extractor: e}
	e.observeConn(v, ends, ts)
	v.FromOrig = ends.side == v.conn.orig
	v.SourceKey, v.TargetKey = ends.src, ends.dst
	if !v.FromOrig {
		v.SourceKey, v.TargetKey = ends.dst, ends.src
	}
	f := e.observeSource(v, ts)
	g := e.observeTarget(v, ts)
	e.observePair(v, ts)
	e.observeOneSided(v, f, g)
	e.observeProbes(v, ts)
	v.observeEnd(ts)
	if v.Meta.Name.Kind != models.NameNone {
		e.observeName(v, ts, f)
	}
	v.observeBeat(ts)
	v.observeDriven(ts)
	v.Due[Packet] = true
	return v
}
