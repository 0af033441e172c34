package models

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// TestConnIDText: the text form parses to the same id, has a fixed length and sorts like the
// number, which database indexes depend on.
func TestConnIDText(t *testing.T) {
	rng := rand.New(rand.NewPCG(11, 30))
	ids := []ConnID{1, 2, 61, 62, 62*62 - 1, math.MaxUint64 - 1, math.MaxUint64}
	for range 10_000 {
		ids = append(ids, ConnID(rng.Uint64()>>rng.IntN(64)))
	}
	slices.Sort(ids)
	last := ""
	for _, id := range ids {
		if id == 0 {
			continue
		}
		text := id.String()
		back, err := ParseConnID(text)
		if err != nil || back != id || len(text) != 12 || text < last {
			t.Fatalf("%d: text %s after %s, parsed as %d, %v", uint64(id), text, last, uint64(back), err)
		}
		if fromBytes, err := ParseConnID([]byte(text)); err != nil || fromBytes != id {
			t.Fatalf("%s as bytes: %d, %v", text, uint64(fromBytes), err)
		}
		last = text
	}
	if id, err := ParseConnID(""); err != nil || id != 0 || id.String() != "" {
		t.Errorf("empty text: %d, %v", uint64(id), err)
	}
}

// TestConnIDRejects: each text of an id is unique, so anything but the canonical form is an
// error.
func TestConnIDRejects(t *testing.T) {
	good := ConnID(123456789).String()
	for name, text := range map[string]string{
		"lower-case prefix":   "c" + good[1:],
		"one digit too few":   good[:11],
		"one digit too many":  good + "0",
		"space":               good[:11] + " ",
		"punctuation":         good[:11] + "-",
		"byte above ASCII":    good[:11] + "\xff",
		"number without C":    "0" + good[1:],
		"more than 64 bits":   "CLygHa16AHYG", // 2^64
		"most digits":         "Czzzzzzzzzzz",
		"leading white space": " " + good[:11],
	} {
		if id, err := ParseConnID(text); err == nil {
			t.Errorf("%s: %q is read as %d, whose text is %s", name, text, uint64(id), id)
		}
	}
}

// TestTunnelPathIsAStack: kinds are read back in the order of Push, up to the limit, and a
// refused Push changes nothing.
func TestTunnelPathIsAStack(t *testing.T) {
	rng := rand.New(rand.NewPCG(11, 31))
	for range 2000 {
		var p TunnelPath
		var want []TunnelKind
		var names []string
		for range rng.IntN(MaxTunnels + 3) {
			k := TunnelIPIP + TunnelKind(rng.IntN(int(tunnelKinds-TunnelIPIP)))
			q, ok := p.Push(k)
			if ok != (len(want) < MaxTunnels) || !ok && q != p {
				t.Fatalf("Push %d of %v: %v, %v", len(want), k, ok, q)
			}
			if ok {
				p, want, names = q, append(want, k), append(names, k.String())
			}
		}
		if p.Len() != len(want) || p.String() != strings.Join(names, ",") {
			t.Fatalf("path %s of %d, want %v", p, p.Len(), names)
		}
		for i, k := range want {
			if p.At(i) != k {
				t.Fatalf("element %d of %s is %v, want %v", i, p, p.At(i), k)
			}
		}
		if p.At(len(want)) != TunnelNone {
			t.Fatalf("element after the last of %s is %v", p, p.At(len(want)))
		}
	}
}

// TestTunnelNames: every kind has a name without the separator, which parses to the kind.
func TestTunnelNames(t *testing.T) {
	for k := range TunnelKind(255) {
		name := k.String()
		if k.Valid() != (name != "") {
			t.Errorf("kind %d: valid %v, name %q", k, k.Valid(), name)
		}
		if got, ok := ParseTunnelKind(name); ok != k.Valid() || ok && got != k || strings.Contains(name, ",") {
			t.Errorf("kind %d: name %q parses to %d, %v", k, name, got, ok)
		}
	}
	for _, name := range []string{"vxlan", "VXLAN ", "IP,GRE", "tunnel"} {
		if k, ok := ParseTunnelKind([]byte(name)); ok {
			t.Errorf("%q parses to %v", name, k)
		}
	}
}

// TestTCPFlagsText: all 256 combinations survive a round trip; names are in alphabetical
// order in the output and in any order in the input.
func TestTCPFlagsText(t *testing.T) {
	for i := range 256 {
		f := TCPFlags(i)
		text := f.String()
		names := strings.Split(text, ",")
		if !slices.IsSorted(names) {
			t.Errorf("%#x: %s is not sorted", i, text)
		}
		slices.Reverse(names)
		for _, form := range []string{text, strings.Join(names, ",")} {
			if got, ok := ParseTCPFlags(form); !ok || got != f {
				t.Errorf("%q: %#x, %v; want %#x", form, uint8(got), ok, i)
			}
		}
		for j := range 256 {
			if g := TCPFlags(j); f.Has(g) != (f|g == f) {
				t.Fatalf("%#x has %#x: %v", i, j, f.Has(g))
			}
		}
	}
	for _, text := range []string{"SY", "SYNACK", "SYN,", ",SYN", "SYN,,ACK", "SYN ACK", "SYN, ACK", "syn", "NUL", "SYN,AC"} {
		if f, ok := ParseTCPFlags([]byte(text)); ok {
			t.Errorf("%q parses to %s", text, f)
		}
	}
}

// TestProtoText: every number survives a round trip in any case.
func TestProtoText(t *testing.T) {
	seen := map[string]bool{}
	for i := range 256 {
		p := Proto(i)
		text := p.String()
		if seen[text] {
			t.Errorf("%s is the name of two protocols", text)
		}
		seen[text] = true
		for _, form := range []string{text, strings.ToLower(text), strings.ToUpper(text)} {
			if got, ok := ParseProto(form); !ok || got != p {
				t.Errorf("%q: %d, %v; want %d", form, got, ok, i)
			}
		}
	}
	for _, text := range []string{"", "IP", "IP-", "IP-256", "IP--1", "IP-+1", "IP-1.0", "IP-0x6", "TCP ", "ICMPv4", "6"} {
		if p, ok := ParseProto(text); ok {
			t.Errorf("%q parses to %v", text, p)
		}
	}
}

// TestEpochParts: both parts survive, and epochs of different partitions or starts differ.
func TestEpochParts(t *testing.T) {
	const most = uint64(1)<<epochSince - 1
	seen := map[Epoch]bool{}
	for _, partitions := range []int32{1, 2, 12, 255, 256, 65535} {
		for _, since := range []uint64{0, 1, 1 << 32, most} {
			e := NewEpoch(partitions, since)
			if e.Partitions() != partitions || e.Since() != since || seen[e] || e == 0 {
				t.Errorf("%d partitions since %d: %d since %d", partitions, since, e.Partitions(), e.Since())
			}
			seen[e] = true
		}
	}
	if e := NewEpoch(3, most+5); e.Partitions() != 3 {
		t.Errorf("a start beyond 48 bits changes the partitions to %d", e.Partitions())
	}
}
