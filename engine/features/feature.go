package features

import "slices"

// Feature is one row of the table: an input of the models, and how to present it.
type Feature struct {
	Name        string     `json:"name"`              // identifier in alerts and in the API; never changes its meaning
	DisplayName string     `json:"display_name"`      // heading for people, in sentence case
	Group       Group      `json:"group"`             // forest that reads it
	Unit        Unit       `json:"unit"`              // of values, typical ranges and limits
	Window      Window     `json:"window"`            // what a value covers
	Phrase      string     `json:"phrase,omitempty"`  // sentence without its full stop; Placeholder stands for the value
	Zero        string     `json:"zero,omitempty"`    // the sentence where the value rounds to zero; "" is Phrase
	Note        string     `json:"note,omitempty"`    // how to read the value where the unit does not say it
	Help        string     `json:"help"`              // definition, for documentation
	Classes     []Class    `json:"classes,omitempty"` // the possible values where Unit is UnitClass
	Scaling     Scaling    `json:"scaling"`           // mapping of a value to the models' range 0…1
	Prior       [2]float64 `json:"prior"`             // typical range (5th and 95th percentile) assumed before training
}

// Placeholder marks the place of the value in Feature.Phrase.
const Placeholder = "{value}"

// Class is one possible value of a feature that enumerates.
type Class struct {
	Value  float64 `json:"value"`
	Name   string  `json:"name"`   // for lists: "TCP"
	Phrase string  `json:"phrase"` // the whole sentence: "the protocol is TCP"
}

// Window is the span of traffic that a value covers.
type Window struct {
	Name   string `json:"name"`   // as phrases say it: "last minute"
	Detail string `json:"detail"` // how it is measured: "half-life 60 s"
}

// The windows. Amounts decay exponentially: an event one half-life ago counts half.
var (
	thisPacket      = Window{"this packet", "the packet"}
	thisConnection  = Window{"this connection", "the connection so far"}
	lastSeconds     = Window{"last few seconds", "half-life 3.75 s"}
	lastMinute      = Window{"last minute", "half-life 60 s"}
	last15Minutes   = Window{"last 15 minutes", "half-life 16 min"}
	last2Minutes    = Window{"last two minutes", "distinct values of 1 to 2 min"}
	lastHalfHour    = Window{"last half hour", "distinct values of 16 to 32 min"}
	last20Intervals = Window{"last 20 connections", "mean over about 20 connections"}
	sinceFirstUse   = Window{"since the first contact", "half-life 10 min after the first contact"}
)

// Group is a set of features that one forest scores.
type Group uint8

// The groups.
const (
	Packet  Group = iota // this packet
	Conn                 // its connection so far
	Fanout               // the source: ports and hosts it contacts, within minutes
	Slow                 // the source: the same within a quarter of an hour
	Volume               // the source: how much it sends
	Target               // the destination: who contacts it
	Pair                 // source, destination and service together
	Service              // the same, compared with the baseline of that service
	Novelty              // how new the pair was to the network at its first contact
	Groups
	// Behavioral is the group of the statistics of behaviors, which no forest reads.
	Behavioral = Groups
)

// MaxFeatures bounds the number of features of a group.
const MaxFeatures = 8

var groupNames = [Groups + 1]string{"packet", "connection", "fanout", "slow", "volume", "target", "pair", "service", "novelty", "behavior"}

// String is the group's identifier in the API and in the documentation.
func (g Group) String() string { return groupNames[g] }

// MarshalText writes the identifier.
func (g Group) MarshalText() ([]byte, error) { return []byte(g.String()), nil }

// Scale is the extent of traffic that a group describes.
type Scale uint8

// The scales.
const (
	PacketScale Scale = iota
	ConnScale
	HostScale
	Scales
)

// String is the name used in models.Alert.
func (s Scale) String() string { return [...]string{"packet", "connection", "host"}[s] }

// Scale is the scale of the group.
func (g Group) Scale() Scale { return Scale(min(uint8(g), uint8(HostScale))) }

// table has every feature, group by group, in the order of a group's vector.
var table = slices.Concat(packetRows, hostRows, pairRows, behaviorRows)

// span is where the features of a group are in table, scalings what their vector needs.
var span, scalings = func() (s [Groups][2]int, sc [Groups][MaxFeatures]Scaling) {
	for i := len(table) - 1; i >= 0; i-- {
		g := table[i].Group
		if g >= Groups {
			continue
		}
		if s[g][0] = i; s[g][1] == 0 {
			s[g][1] = i + 1
		}
	}
	for g, at := range s {
		for i, f := range table[at[0]:at[1]] {
			sc[g][i] = f.Scaling
		}
	}
	return s, sc
}()

// All returns every feature, group by group, in the order of the groups' vectors. The
// slice is shared; callers must not change it.
func All() []Feature { return table }

// Of returns the features of a group in the order of its vector. The slice is shared;
// callers must not change it.
func Of(g Group) []Feature { return table[span[g][0]:span[g][1]] }

// Lookup returns the feature with this name, nil if not found.
func Lookup(name string) *Feature {
	for i := range table {
		if table[i].Name == name {
			return &table[i]
		}
	}
	return nil
}
