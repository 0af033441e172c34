package hours

import (
	"slices"
	"strings"

	"github.com/netlyra/netlyra/internal/models/vocabulary"
)

// fitting lists the kinds of alerts that name an attack correctly, by words in the kind that
// the index gives it. Specific words come before the general ones that they contain: the text
// of a match is not matched again. Floods of reflected traffic are usually indexed as floods.
var fitting = []struct {
	word  string
	kinds []string
}{
	{"arp-scan", []string{vocabulary.KindARPScan, vocabulary.KindHostScan}},
	{"arp", []string{vocabulary.KindARPSpoof}},
	{"mitm", []string{vocabulary.KindARPSpoof}},
	{"starvation", []string{vocabulary.KindStarvation}},
	{"rogue", []string{vocabulary.KindRogueDHCP}},
	{"dhcp-spoof", []string{vocabulary.KindRogueDHCP}},
	{"slow", []string{vocabulary.KindSlowHTTP}},
	{"reflection", []string{vocabulary.KindReflection, vocabulary.KindFlood}},
	{"amp", []string{vocabulary.KindReflection, vocabulary.KindFlood}},
	{"backscatter", []string{vocabulary.KindReflection, vocabulary.KindFlood}},
	{"icmp-flood", []string{vocabulary.KindICMPFlood, vocabulary.KindFlood}},
	{"flood", []string{vocabulary.KindFlood, vocabulary.KindICMPFlood, vocabulary.KindReflection}},
	{"dos", []string{vocabulary.KindFlood, vocabulary.KindICMPFlood, vocabulary.KindReflection}},
	{"scan", []string{vocabulary.KindPortScan, vocabulary.KindHostScan}},
	{"sweep", []string{vocabulary.KindHostScan, vocabulary.KindPortScan}},
	{"brute", []string{vocabulary.KindBruteForce}},
	{"dga", []string{vocabulary.KindDGA}},
	{"tunnel", []string{vocabulary.KindTunnel, vocabulary.KindExfiltration, vocabulary.KindBeacon}},
	{"c2", []string{vocabulary.KindBeacon, vocabulary.KindTunnel, vocabulary.KindExfiltration, vocabulary.KindDGA}},
	{"beacon", []string{vocabulary.KindBeacon, vocabulary.KindTunnel}},
	{"exfil", []string{vocabulary.KindExfiltration, vocabulary.KindTunnel}},
	{"worm", []string{vocabulary.KindHostScan, vocabulary.KindPortScan, vocabulary.KindLateral}},
	{"lateral", []string{vocabulary.KindLateral}},
}

// fits returns the kinds of alerts that name an attack of this kind correctly; none if the
// product has no kind for it.
func fits(kind string) (kinds []string) {
	rest := strings.ReplaceAll(strings.ToLower(kind), "_", "-")
	for _, f := range fitting {
		if strings.Contains(rest, f.word) {
			rest = strings.ReplaceAll(rest, f.word, " ")
			kinds = append(kinds, f.kinds...)
		}
	}
	slices.Sort(kinds)
	return slices.Compact(kinds)
}

// Groups of kinds, for the sums of a result.
const (
	groupBehavior = "all behaviors"        // visible in numbers, rates and targets of packets or connections
	groupControl  = "all control channels" // few and small packets
	groupOther    = "all others"           // visible in contents, or without a kind of alert
)

var groups = []string{groupBehavior, groupControl, groupOther}

// contents are words of kinds whose attacks differ from ordinary traffic mainly in their contents.
var contents = []string{"lateral", "exploit", "command", "dns-spoof"}

// groupOf returns the group of a kind in an index.
func groupOf(kind string) string {
	kind = strings.ToLower(kind)
	has := func(words ...string) bool {
		return slices.ContainsFunc(words, func(w string) bool { return strings.Contains(kind, w) })
	}
	switch {
	case has("c2", "beacon", "dga"):
		return groupControl
	case has(contents...) || len(fits(kind)) == 0:
		return groupOther
	}
	return groupBehavior
}
