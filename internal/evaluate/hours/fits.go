package hours

import (
	"slices"
	"strings"
)

// fitting lists the kinds of alerts that name an attack correctly, by words in the kind that
// the index gives it. Specific words come before the general ones that they contain: the text
// of a match is not matched again. Floods of reflected traffic are usually indexed as floods.
var fitting = []struct {
	word  string
	kinds []string
}{
	{"arp-scan", []string{"arp_scan", "host_scan"}},
	{"arp", []string{"arp_spoof"}},
	{"mitm", []string{"arp_spoof"}},
	{"starvation", []string{"dhcp_starvation"}},
	{"rogue", []string{"rogue_dhcp"}},
	{"dhcp-spoof", []string{"rogue_dhcp"}},
	{"slow", []string{"slow_http"}},
	{"reflection", []string{"reflection", "flood"}},
	{"amp", []string{"reflection", "flood"}},
	{"backscatter", []string{"reflection", "flood"}},
	{"icmp-flood", []string{"icmp_flood", "flood"}},
	{"flood", []string{"flood", "icmp_flood", "reflection"}},
	{"dos", []string{"flood", "icmp_flood", "reflection"}},
	{"scan", []string{"port_scan", "host_scan"}},
	{"sweep", []string{"host_scan", "port_scan"}},
	{"brute", []string{"brute_force"}},
	{"dga", []string{"dga"}},
	{"tunnel", []string{"tunnel", "exfiltration", "beacon"}},
	{"c2", []string{"beacon", "tunnel", "exfiltration", "dga"}},
	{"beacon", []string{"beacon", "tunnel"}},
	{"exfil", []string{"exfiltration", "tunnel"}},
	{"worm", []string{"host_scan", "port_scan", "lateral_movement"}},
	{"lateral", []string{"lateral_movement"}},
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
