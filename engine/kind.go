package engine

import (
	"github.com/netlyra/netlyra/engine/features"
	"github.com/netlyra/netlyra/internal/models"
	"github.com/netlyra/netlyra/internal/models/vocabulary"
)

// techniques are the MITRE ATT&CK techniques of the kinds.
var techniques = map[string]string{
	vocabulary.KindPortScan: "T1046", vocabulary.KindHostScan: "T1046", vocabulary.KindFlood: "T1498", vocabulary.KindBruteForce: "T1110",
	vocabulary.KindExfiltration: "T1048", vocabulary.KindBeacon: "T1071", vocabulary.KindTunnel: "T1572", vocabulary.KindICMPFlood: "T1498",
	vocabulary.KindReflection: "T1498.002", vocabulary.KindSlowHTTP: "T1499", vocabulary.KindLateral: "T1021", vocabulary.KindDGA: "T1568.002",
	vocabulary.KindARPSpoof: "T1557.002", vocabulary.KindARPScan: "T1018", vocabulary.KindStarvation: "T1557.003", vocabulary.KindRogueDHCP: "T1557.003",
	vocabulary.KindUnusual: "",
}

// facts are the values of features by name.
type facts map[string]float64

// allFacts returns the values of all features at the current packet.
func (p *Pipeline) allFacts(v *features.View) facts {
	all := make(facts, len(features.All()))
	var values [features.MaxFeatures]float64
	for g := range features.Groups {
		v.Values(g, &values)
		for i, f := range features.Of(g) {
			all[f.Name] = values[i]
		}
	}
	return all
}

// scene is the basis for the sentence of an episode: the episode, its current packet and the
// values of all features at that packet.
type scene struct {
	facts
	ep       *episode
	m        *models.PacketMeta
	interval float64 // mean time between the connections of the pair in seconds, 0 if there were too few
}
