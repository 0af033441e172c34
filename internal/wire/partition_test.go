package wire

import (
	"net/netip"
	"testing"

	"github.com/netlyra/netlyra/internal/models"
)

// The hashes are from Kafka's own tests (UtilsTest.testMurmur2).
func TestMurmur2MatchesKafka(t *testing.T) {
	for text, want := range map[string]int32{
		"21": -973932308, "foobar": -790332482, "a-little-bit-long-string": -985981536,
		"a-little-bit-longer-string": -1486304829, "lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8": -58897971,
		"abc": 479470107,
	} {
		if got := int32(murmur2([]byte(text))); got != want {
			t.Errorf("%q: got %d, want %d", text, got, want)
		}
	}
}

func TestBothDirectionsHaveOneKey(t *testing.T) {
	there := models.PacketMeta{Src: netip.MustParseAddr("192.168.1.100"), Dst: netip.MustParseAddr("8.8.8.8"), Dir: models.DirOrig}
	back := models.PacketMeta{Src: there.Dst, Dst: there.Src, Dir: models.DirResp}
	key := AppendKey(nil, &there)
	if string(key) != "192.168.1.100" || string(AppendKey(nil, &back)) != string(key) {
		t.Errorf("keys %q and %q, want the originator's address twice", key, AppendKey(nil, &back))
	}
	if key := AppendKey(nil, &bridge); string(key) != bridge.SrcMAC.String() {
		t.Errorf("a message without addresses has the key %q", key)
	}
	for n := range int32(40) {
		if p := PartitionOf(key, n+1); p < 0 || p > n {
			t.Errorf("partition %d of %d", p, n+1)
		}
	}
}
