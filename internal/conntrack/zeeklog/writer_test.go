package zeeklog

import (
	"errors"
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/netlyra/netlyra/internal/models"
)

var update = flag.Bool("update", false, "rewrite testdata")

func TestWriter(t *testing.T) {
	var b strings.Builder
	w, err := NewWriter(&b, 1_700_000_000_123456789)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []models.Connection{
		{ID: "C0000000001", TS: 1_700_000_000_123456789, SrcIP: "10.0.0.1", SrcPort: 40000, DstIP: "8.8.8.8", DstPort: 53, Proto: "UDP",
			State: "SF", History: "Dd", Service: "dns", Duration: 0.25, OrigBytes: 30, RespBytes: 100, OrigPackets: 1, OrigIPBytes: 58,
			RespPackets: 1, RespIPBytes: 128, Parent: "C0000000009"},
		{ID: "C0000000002", TS: 999, SrcIP: "fe80::1", SrcPort: 135, DstIP: "ff02::1", DstPort: 136, Proto: "ICMPv6", State: "OTH", OrigPackets: 1, OrigIPBytes: 72},
		{ID: "C0000000003", SrcIP: "192.0.2.1", SrcPort: 9, DstIP: "198.51.100.1", DstPort: 9, Proto: "IP-253", State: "OTH", Duration: 1, MissedBytes: 7},
		{ID: "C0000000004", SrcIP: "1.1.1.1", DstIP: "2.2.2.2", Proto: "IP-47", State: "OTH"},
		{ID: "C0000000005", SrcIP: "1.1.1.1", DstIP: "2.2.2.2", Proto: "TCP", State: "S0", History: "S", Service: "a\tb"},
	} {
		if err := w.Write(&c); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(1_700_000_100_000000000); err != nil {
		t.Fatal(err)
	}
	const golden = "testdata/conn.log"
	if *update {
		if err := os.WriteFile(golden, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if b.String() != string(want) {
		t.Errorf("got\n%s", b.String())
	}
	lines := strings.Split(b.String(), "\n")
	for _, l := range lines[8 : len(lines)-2] {
		if n := strings.Count(l, "\t"); n != len(columns)-1 {
			t.Errorf("%d fields, want %d: %s", n+1, len(columns), l)
		}
	}
}

// TestLogged: ESP and mobility headers are connections where IPv4 carries them.
func TestLogged(t *testing.T) {
	for _, c := range []struct {
		proto, src string
		want       bool
	}{
		{"TCP", "10.0.0.1", true}, {"IP-253", "10.0.0.1", true}, {"IP-51", "10.0.0.1", true},
		{"IP-4", "10.0.0.1", false}, {"IP-41", "10.0.0.1", false}, {"IP-47", "2001:db8::1", false}, {"IP-59", "2001:db8::1", false},
		{"IP-50", "10.0.0.1", true}, {"IP-50", "2001:db8::1", false}, {"IP-135", "10.0.0.1", true}, {"IP-135", "2001:db8::1", false},
	} {
		if got := Logged(&models.Connection{Proto: c.proto, SrcIP: c.src}); got != c.want {
			t.Errorf("%s of %s: %v", c.proto, c.src, got)
		}
	}
}

type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, errors.New("disk full") }

func TestWriterReturnsErrors(t *testing.T) {
	if _, err := NewWriter(broken{}, 0); err == nil || !strings.Contains(err.Error(), "disk full") {
		t.Errorf("got %v", err)
	}
}
