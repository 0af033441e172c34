package features

import (
	"net/netip"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/netlyra/netlyra/internal/models"
)

// TestScripts runs the scripts of testdata/scripts. A script is a sequence of cases,
// separated by blank lines; each starts with an empty Extractor. Its lines are
//
//	0.5 A:40000>B:80 SA len=20 entropy=7.5 orig conn=7 n=100 every=0.01
//
// for a packet: seconds, endpoints (hosts A to Z; Y has a public address), then TCP flags (`-` for none) or `udp`,
// `icmp=8/0`, `icmp6=135/0`, `proto=47`. n packets follow one another at intervals of
// `every` seconds, each with another name (`ask`, `missing`); a host or a port with a plus sign (`B+:1+`) increases by one for each.
// `orig` and `resp` give the direction of a record. `learn` adds the last packet's pair
// to the baseline of its service. `? name name` asks for values at the last packet,
// `? due` for the groups that it makes due; the line after it, which begins with =, is
// the answer. Lines with # are comments. -update rewrites the answers.
func TestScripts(t *testing.T) {
	files, err := filepath.Glob("testdata/scripts/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatal("no scripts", err)
	}
	asked := map[string]bool{}
	cases := 0
	for _, f := range files {
		t.Run(strings.TrimSuffix(filepath.Base(f), ".txt"), func(t *testing.T) { cases += runScript(t, f, asked) })
	}
	for _, f := range All() {
		if !asked[f.Name] && !linkFeature(f.Name) {
			t.Errorf("no script asks for %s", f.Name)
		}
	}
	if cases < 15 {
		t.Errorf("%d cases, want at least 15", cases)
	}
}

// linkFeature reports whether a statistic is that of package link, whose tests cover it.
func linkFeature(name string) bool {
	for _, b := range []Behavior{Claims, Resolved, Leases, Servers} {
		if RowOf(b).Name == name {
			return true
		}
	}
	return false
}

// runScript runs one file and returns the number of its cases.
func runScript(t *testing.T, file string, asked map[string]bool) int {
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	blocks := strings.Split(strings.TrimSpace(string(b)), "\n\n")
	for _, block := range blocks {
		out = append(out, playCase(t, block, asked))
	}
	got := strings.Join(out, "\n\n") + "\n"
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return len(blocks)
	}
	if got != string(b) {
		t.Errorf("%s differs; got\n%s", file, got)
	}
	return len(blocks)
}

// playCase returns a case with the answers that the extractor gives.
func playCase(t *testing.T, block string, asked map[string]bool) string {
	e, err := New(Config{64, 64, 64, 64, 64})
	if err != nil {
		t.Fatal(err)
	}
	var v *View
	var m models.PacketMeta
	var out []string
	for _, line := range strings.Split(block, "\n") {
		if strings.HasPrefix(line, "=") {
			continue
		}
		out = append(out, line)
		words := strings.Fields(line)
		switch {
		case words[0][0] == '#':
		case words[0] == "learn":
			v.LearnService()
		case words[0] == "?":
			out = append(out, "= "+answer(t, v, words[1:], asked))
		default:
			p := readPackets(t, line)
			for i := range p.n {
				m = p.packet(i)
				v = e.Observe(&m)
			}
		}
	}
	return strings.Join(out, "\n")
}

func answer(t *testing.T, v *View, names []string, asked map[string]bool) string {
	var parts []string
	for _, name := range names {
		if name == "due" {
			var due []string
			for g := range Groups {
				if v.Due[g] {
					due = append(due, g.String())
				}
			}
			parts = append(parts, "due="+strings.Join(due, ","))
			continue
		}
		f := Lookup(name)
		if f == nil {
			t.Fatalf("no feature is named %q", name)
		}
		asked[name] = true
		if f.Group == Behavioral {
			parts = append(parts, name+"="+behaviorValue(v, name))
			continue
		}
		var values [MaxFeatures]float64
		v.Values(f.Group, &values)
		for i, g := range Of(f.Group) {
			if g.Name == name {
				parts = append(parts, name+"="+digits(values[i]))
			}
		}
	}
	return strings.Join(parts, " ")
}

// behaviorValue is the statistic of a behavior, or "-" if the packet cannot have raised it.
func behaviorValue(v *View, name string) string {
	for b := range Behaviors {
		if RowOf(b).Name == name && v.Moved(b) {
			return digits(v.Statistic(b))
		}
	}
	return "-"
}

// digits writes four significant digits, and all digits before the point.
func digits(v float64) string {
	if v >= 1e4 {
		return strconv.FormatFloat(v, 'f', 0, 64)
	}
	return strconv.FormatFloat(v, 'g', 4, 64)
}

// scriptLine is the packets of one line.
type scriptLine struct {
	meta     models.PacketMeta
	n        int
	at, step float64
	src, dst scriptEnd
}

// scriptEnd is a host and a port, with what each packet adds to them.
type scriptEnd struct {
	host, port         int
	nextHost, nextPort int
	public             bool // host Y, at a public address
}

func (p *scriptLine) packet(i int) models.PacketMeta {
	m := p.meta
	m.TS = models.Timestamp(1e18) + models.Timestamp((p.at+float64(i)*p.step)*1e6+0.5)*1000
	m.Src, m.Dst = p.src.addr(i), p.dst.addr(i)
	if !isICMP(m.Proto) {
		m.SrcPort, m.DstPort = p.src.portAt(i), p.dst.portAt(i)
	}
	m.WireLen = m.PayloadLen + 54
	switch m.Name.Kind {
	case models.NameDNSQuery:
		m.Name.Hash += uint64(i) * 0x9e3779b97f4a7c15
	case models.NameDNSAnswer:
		if m.Name.Code != 0 {
			m.Name.Domain += uint64(i) * 0x9e3779b97f4a7c15
		}
	}
	return m
}

func (e scriptEnd) addr(i int) netip.Addr {
	h := e.host + i*e.nextHost
	if e.public {
		return netip.AddrFrom4([4]byte{198, 51, 100, 7}) // a public address
	}
	return netip.AddrFrom4([4]byte{10, 0, byte(h >> 8), byte(h)})
}

func (e scriptEnd) portAt(i int) uint16 { return uint16(e.port + i*e.nextPort) }

func readPackets(t *testing.T, line string) (p scriptLine) {
	t.Helper()
	words := strings.Fields(line)
	if len(words) < 2 || strings.Count(words[1], ">") != 1 {
		t.Fatalf("%q: want seconds and A:1>B:2", line)
	}
	p.at, p.n = number(t, words[0]), 1
	src, dst, _ := strings.Cut(words[1], ">")
	p.src, p.dst = readEnd(t, src), readEnd(t, dst)
	p.meta.Proto = models.ProtoTCP
	for _, w := range words[2:] {
		name, value, _ := strings.Cut(w, "=")
		switch name {
		case "n":
			p.n = int(number(t, value))
		case "every":
			p.step = number(t, value)
		default:
			setWord(t, &p.meta, name, value)
		}
	}
	return p
}

// setWord sets what a word of a line says about its packets.
func setWord(t *testing.T, m *models.PacketMeta, name, value string) {
	t.Helper()
	switch name {
	case "udp":
		m.Proto = models.ProtoUDP
	case "icmp", "icmp6":
		m.Proto = models.ProtoICMP
		if name == "icmp6" {
			m.Proto = models.ProtoICMPv6
		}
		kind, code, _ := strings.Cut(value, "/")
		m.SrcPort, m.DstPort = uint16(number(t, kind)), uint16(number(t, code))
	case "proto":
		m.Proto = models.Proto(number(t, value))
	case "len":
		m.PayloadLen = uint32(number(t, value))
	case "entropy":
		m.Entropy = uint16(number(t, value)*100 + 0.5)
	case "ask": // a new name of so many bytes below a domain of 11 bytes
		m.Name = models.NameFacts{Kind: models.NameDNSQuery, Len: uint8(number(t, value)), DomainLen: 11, Hash: 99, Domain: 7}
	case "missing": // the answer that this domain does not exist
		m.Name = models.NameFacts{Kind: models.NameDNSAnswer, Code: noSuchName, Len: 11, DomainLen: 11, Domain: uint64(number(t, value))}
	case "found": // an answer for a name of this domain
		m.Name = models.NameFacts{Kind: models.NameDNSAnswer, Len: 21, DomainLen: 11, Domain: uint64(number(t, value))}
	case "status": // an HTTP response
		m.Name = models.NameFacts{Kind: models.NameHTTP, Type: uint16(number(t, value))}
	case "hello": // a TLS hello with a server name of so many bytes
		m.Name = models.NameFacts{Kind: models.NameTLS, Len: uint8(number(t, value))}
	case "conn":
		m.Conn = models.ConnID(number(t, value))
	case "orig":
		m.Dir = models.DirOrig
	case "resp":
		m.Dir = models.DirResp
	case "-":
	default:
		for _, f := range name {
			bit := map[rune]models.TCPFlags{'S': models.FlagSYN, 'A': models.FlagACK, 'F': models.FlagFIN,
				'R': models.FlagRST, 'P': models.FlagPSH, 'U': models.FlagURG}[f]
			if bit == 0 {
				t.Fatalf("unknown word %q", name)
			}
			m.Flags |= bit
		}
	}
}

func readEnd(t *testing.T, s string) (e scriptEnd) {
	t.Helper()
	host, port, ok := strings.Cut(s, ":")
	if host, e.nextHost = counts(host); len(host) != 1 {
		t.Fatalf("%q is not a host", s)
	}
	e.host, e.public = int(host[0]-'A')+1, host == "Y"
	if ok {
		port, e.nextPort = counts(port)
		e.port = int(number(t, port))
	}
	return e
}

// counts cuts the plus sign off a word that increases with each packet.
func counts(s string) (string, int) {
	if rest, ok := strings.CutSuffix(s, "+"); ok {
		return rest, 1
	}
	return s, 0
}

func number(t *testing.T, s string) float64 {
	t.Helper()
	f, err := strconv.ParseFloat(s, 64)
	if err != nil {
		t.Fatal(err)
	}
	return f
}
