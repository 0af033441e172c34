package names

import (
	"math"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/netlyra/netlyra/internal/models"
)

func describe(m Mode, name string) (f models.NameFacts) {
	m.Describe(&f, []byte(name))
	return f
}

func TestRegisteredDomain(t *testing.T) {
	for name, want := range map[string]string{
		"www.example.com": "example.com", "example.com": "example.com", "localhost": "localhost",
		"a.b.c.example.co.uk": "example.co.uk", "example.co.uk": "example.co.uk", "co.uk": "co.uk",
		"www.t.co": "t.co", "www.web.de": "web.de", "shop.example.com.au": "example.com.au",
		"4.3.2.1.in-addr.arpa": "in-addr.arpa", "printer.local": "printer.local", "192.168.1.1": "192.168.1.1",
		"x.go.com": "go.com", "..": "..", "a..b": ".b",
	} {
		if got := string(registered([]byte(name))); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
}

func TestDescribe(t *testing.T) {
	f := describe(Hashed, "aabb.WWW.Example.com.")
	want := models.NameFacts{Len: 20, Labels: 4, DomainLen: 11, Entropy: 156, Hash: Hash("aabb.www.example.com"), Domain: Hash("example.com")}
	if f != want {
		t.Errorf("\ngot  %+v\nwant %+v", f, want)
	}
	want.Text = "aabb.www.example.com"
	if f := describe(Full, "aabb.www.example.com"); f != want {
		t.Errorf("\ngot  %+v\nwant %+v", f, want)
	}
	if f := describe(Off, "example.com"); f != (models.NameFacts{}) {
		t.Errorf("off: %+v", f)
	}
	for _, empty := range []string{"", "."} {
		if f := describe(Full, empty); f != (models.NameFacts{}) {
			t.Errorf("%q: %+v", empty, f)
		}
	}
	if f := describe(Full, "a\x00\xffb c.example"); f.Text != "a??b?c.example" {
		t.Errorf("text %q", f.Text)
	}
	if f := describe(Hashed, strings.Repeat("x", 300)); f.Len != MaxLen {
		t.Errorf("length %d", f.Len)
	}
	if Hash("") != 0xcbf29ce484222325 || Hash("a") != 0xaf63dc4c8601ec8c { // from the authors of FNV
		t.Errorf("hash %x", Hash("a"))
	}
	for mode, name := range map[Mode]string{Hashed: "hashed", Full: "full", Off: "off"} {
		if got, err := Parse(name); got != mode || err != nil {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
	if _, err := Parse("some"); err == nil {
		t.Error("no error")
	}
}

// TestEntropyAgainstFormula compares with the definition, for any bytes.
func TestEntropyAgainstFormula(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := rapid.SliceOfN(rapid.ByteRange('.', '9'), 0, MaxLen).Draw(t, "name")
		counts, n := map[byte]float64{}, 0.0
		for _, c := range b {
			if c != '.' {
				counts[c]++
				n++
			}
		}
		want := 0.0
		for _, c := range counts {
			want -= c / n * math.Log2(c/n)
		}
		if got := float64(entropy(b)) / 100; math.Abs(got-want) > 0.00501 {
			t.Fatalf("%q: %v, want %v", b, got, want)
		}
	})
}

// TestHashedHasNoAllocation, and no case, and facts that are consistent.
func TestHashedHasNoAllocation(t *testing.T) {
	name := []byte("Some.Longer.Name.example.co.uk.")
	var f models.NameFacts
	if n := testing.AllocsPerRun(100, func() { Hashed.Describe(&f, name) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.StringMatching(`[A-Za-z0-9._-]{1,100}`).Draw(t, "name")
		a, b := describe(Hashed, strings.ToUpper(name)), describe(Hashed, strings.ToLower(name))
		if a != b || a.DomainLen > a.Len || a.Entropy > 800 || a.Len > 0 && a.Labels == 0 {
			t.Fatalf("%s: %+v, %+v", name, a, b)
		}
	})
}

func BenchmarkDescribe(b *testing.B) {
	name := []byte("r3---sn-4g5e6nsk.googlevideo.example.com")
	b.ReportAllocs()
	for b.Loop() {
		var f models.NameFacts
		Hashed.Describe(&f, name)
	}
}
