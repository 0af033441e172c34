package decode

import (
	"encoding/binary"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/netlyra/netlyra/internal/models"
)

// notOfTshark are link types that tshark 4.0 cannot read.
var notOfTshark = []models.LinkType{166, 205, 206, 219, 247, 281, 282, 284, 285, 9999}

// differsFromTshark are samples that tshark 4.0 reads in another way, with the reason.
var differsFromTshark = map[string]string{
	"IPoIB":                              "tshark requires a global routing header, which the link type does not have",
	"PKTAP version 2":                    "not known to tshark",
	"PKTAP version 2 under DLT_USER2":    "not known to tshark",
	"IP under DLT_USER2":                 "PKTAP to tshark",
	"GRE, VLAN tag":                      "not followed by tshark",
	"4in4 of another length stays":       "tshark does not look at lengths",
	"GRE with a route stays":             "tshark follows it",
	"ERSPAN III":                         "tshark requires a known frame type",
	"ERSPAN III, subheader":              "the same",
	"VXLAN without its flag stays":       "tshark does not look at the flag",
	"GTP-U in GTP-U stays":               "as in Zeek",
	"GTP of another length stays":        "tshark does not look at lengths",
	"Teredo with something behind stays": "tshark does not look at lengths",
	"IPv6 without Teredo's address on another port stays": "the heuristic is on",
	"AYIYA on another port":                               "tshark uses the port",
	"EtherIP of another version stays":                    "tshark does not look at the version",
	"payload length 0":                                    "no ports in tshark",
	"home address":                                        "tshark shows the address of the header",
	"routing type 0":                                      "the same",
	"routing type 2":                                      "the same",
	"AH in IPv4":                                          "as in Zeek",
	"FDDI":                                                "tshark requires another frame control",
	"netANALYZER":                                         "tshark looks at fields that are zero here",
	"netANALYZER transparent":                             "the same",
	"EPON":                                                "the same",
	"MPLS pseudowire":                                     "tshark guesses in another order",
	"MPLS pseudowire, control word":                       "the same",
	"MPLS pseudowire, TTag inside":                        "the same",
	"Cisco CMD, two options":                              "tshark knows one",
	"Marvell EDSA":                                        "not known to tshark",
	"Q-in-Q 0x9300":                                       "not known to tshark",
	"NFLOG, big-endian":                                   "tshark uses the file's order",
	"SLIP":                                                "not followed by tshark",
}

// TestSamplesAgainstTshark compares the innermost five-tuple of every sample with what
// tshark finds in the same frame. It is skipped where tshark is absent.
func TestSamplesAgainstTshark(t *testing.T) {
	tshark, err := exec.LookPath("tshark")
	if err != nil {
		t.Skip("no tshark here")
	}
	list := slices.DeleteFunc(samples(t), func(s sample) bool { return slices.Contains(notOfTshark, s.link) })
	file := filepath.Join(t.TempDir(), "samples.pcapng")
	if err := os.WriteFile(file, pcapngOf(list), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(tshark, tsharkArgs(file)...).Output()
	if err != nil {
		t.Skipf("tshark cannot read the samples: %v", err)
	}
	lines := strings.Split(strings.TrimRight(string(out), "\n"), "\n")
	if len(lines) != len(list) {
		t.Fatalf("%d lines of %d samples", len(lines), len(list))
	}
	for i, s := range list {
		want, good := tsharkTuple(strings.Split(lines[i], "|"))
		got := tuple(known(mustDecode(t, s.link, s.frame)))
		why, differs := differsFromTshark[s.name]
		if same := good && got == want; same == differs {
			t.Errorf("link type %d, %s: %s, tshark has %q (%s); listed as different: %q", s.link, s.name, got, want, strings.Split(lines[i], "|")[0], why)
		}
	}
}

// pcapngOf has an interface and a packet of each sample, a thousand seconds apart.
func pcapngOf(list []sample) []byte {
	le := binary.LittleEndian
	block := func(b []byte, kind uint32, body []byte) []byte {
		body = append(body, make([]byte, -len(body)&3)...)
		n := uint32(len(body) + 12)
		b = append(le.AppendUint32(le.AppendUint32(b, kind), n), body...)
		return le.AppendUint32(b, n)
	}
	section := append(le.AppendUint32(nil, 0x1a2b3c4d), 1, 0, 0, 0, 255, 255, 255, 255, 255, 255, 255, 255)
	b := block(nil, 0x0a0d0d0a, section)
	for _, s := range list {
		b = block(b, 1, append(le.AppendUint16(nil, uint16(s.link)), 0, 0, 0, 0, 0, 0))
	}
	for i, s := range list {
		ts := uint64(i+1) * 1000e6
		body := le.AppendUint32(le.AppendUint32(le.AppendUint32(nil, uint32(i)), uint32(ts>>32)), uint32(ts))
		body = le.AppendUint32(le.AppendUint32(body, uint32(len(s.frame))), uint32(len(s.frame)))
		b = block(b, 6, append(body, s.frame...))
	}
	return b
}
