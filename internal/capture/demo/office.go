package demo

import (
	"math"
	"time"
)

// meanPackets is the mean number of packets of an activity, with the weights below; a test
// compares it with generated traffic.
const meanPackets = 71

// wobble is the amplitude and period of the rate.
const (
	wobble       = 0.25
	wobblePeriod = 7 * time.Minute
)

// office starts the activities of people: a Poisson process whose rate varies slowly.
type office struct {
	gap   float64 // mean ns between activities
	start int64
}

func newOffice(g *Generator, start int64) *office {
	return &office{gap: 1e9 * meanPackets / g.cfg.Rate, start: start}
}

func (o *office) step(g *Generator, now int64) (int64, bool) {
	o.begin(g, now)
	phase := 2 * math.Pi * float64(now-o.start) / float64(wobblePeriod)
	gap := g.rng.ExpFloat64() * o.gap / (1 + wobble*math.Sin(phase))
	return now + 1 + int64(gap), true
}

// activities are the activities of people, with weights in percent.
var activities = []struct {
	weight int
	begin  func(g *Generator, now int64)
}{
	{34, func(g *Generator, now int64) { web(g, now, false) }},
	{8, func(g *Generator, now int64) { web(g, now, true) }},
	{20, func(g *Generator, now int64) { g.add(now, lookup(g.rng, g.net, g.station(), g.site().name, g.site())) }},
	{3, func(g *Generator, now int64) {
		g.add(now, lookup(g.rng, g.net, g.station(), "wpad.office.example", nil))
	}},
	{10, func(g *Generator, now int64) { g.add(now, files(g.rng, g.pools, g.station(), g.net.files)) }},
	{2, func(g *Generator, now int64) { g.add(now, shell(g.rng, g.pools, g.station(), g.net.files)) }},
	{4, func(g *Generator, now int64) { g.add(now, mail(g.rng, g.pools, g.station(), g.net.mail)) }},
	{2, func(g *Generator, now int64) { g.add(now, printJob(g.rng, g.pools, g.station(), g.net.printer)) }},
	{5, func(g *Generator, now int64) { g.add(now, clock(g.rng, g.pools, g.station(), g.net.clock)) }},
	{5, func(g *Generator, now int64) { g.add(now, ping(g.rng, g.station(), g.net.gateway)) }},
	{5, func(g *Generator, now int64) { g.add(now, mdnsQuery(g.rng, g.net, g.station())) }},
	{2, func(g *Generator, now int64) { g.add(now, dhcp(g.rng, g.net, g.station())) }},
}

func (o *office) begin(g *Generator, now int64) {
	n := g.rng.IntN(100)
	for _, a := range activities {
		if n -= a.weight; n < 0 {
			a.begin(g, now)
			return
		}
	}
}

// web looks up a site and visits it.
func web(g *Generator, now int64, plain bool) {
	client, site := g.station(), g.site()
	g.add(now, lookup(g.rng, g.net, client, site.name, site))
	at := now + 30*ms + think(g.rng, 10*ms)
	if plain {
		g.add(at, fetch(g.rng, g.pools, client, site))
		return
	}
	g.add(at, browse(g.rng, g.pools, client, site))
}

// station returns a random workstation; the first ones are more active.
func (g *Generator) station() *host {
	n := len(g.net.stations)
	return g.net.stations[min(g.rng.IntN(n), g.rng.IntN(n))]
}

// site returns a random web server; the first ones are visited more often.
func (g *Generator) site() *host {
	n := len(g.net.sites)
	return g.net.sites[min(g.rng.IntN(n), g.rng.IntN(n))]
}
