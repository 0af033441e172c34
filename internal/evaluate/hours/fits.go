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
