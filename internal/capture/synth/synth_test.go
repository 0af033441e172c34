package synth

import (
	"bytes"
	"io"
	"math"
	"testing"

	"github.com/google/gopacket"
	"github.com/google/gopacket/layers"
	"github.com/netlyra/netlyra/internal/capture"
	"github.com/netlyra/netlyra/internal/models"
)

var _ capture.Source = (*Source)(nil)

func open(t testing.TB, c Config) *Source {
	t.Helper()
	s, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestFramesAreValid computes lengths and checksums again, and follows the sequence
// numbers of each flow.
func TestFramesAreValid(t *testing.T) {
	for _, size := range []string{"imix", "64", "65", "1000"} {
		c := DefaultConfig()
		c.Size, c.Flows, c.Count = size, 300, 10_000
		s := open(t, c)
		next := map[string]uint32{}
		var f models.Frame
		for i := 0; ; i++ {
			if err := s.Next(&f); err == io.EOF {
				break
			} else if err != nil {
				t.Fatal(err)
			}
			p := gopacket.NewPacket(f.Data, layers.LayerTypeEthernet, gopacket.Lazy)
			eth, ip, tcp := p.LinkLayer().(*layers.Ethernet), p.NetworkLayer().(*layers.IPv4), p.TransportLayer().(*layers.TCP)
			tcp.SetNetworkLayerForChecksum(ip)
			out := gopacket.NewSerializeBuffer()
			if err := gopacket.SerializeLayers(out, gopacket.SerializeOptions{FixLengths: true, ComputeChecksums: true}, eth, ip, tcp, gopacket.Payload(tcp.Payload)); err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(out.Bytes()[:len(f.Data)], f.Data) {
				t.Fatalf("size %s, frame %d: checksum or length is wrong", size, i)
			}
			key := ip.SrcIP.String() + tcp.SrcPort.String() + ip.DstIP.String() + tcp.DstPort.String()
			if tcp.Seq != next[key] {
				t.Fatalf("size %s, frame %d: sequence %d, want %d", size, i, tcp.Seq, next[key])
			}
			next[key] += uint32(len(tcp.Payload))
			if tcp.SYN {
				next[key]++
			}
		}
		if st := s.Stats(); st.Received != c.Count {
			t.Errorf("received %d, want %d", st.Received, c.Count)
		}
		if len(next) != 2*c.Flows {
			t.Errorf("%d directions, want %d", len(next), 2*c.Flows)
		}
	}
}

func TestMixAndRate(t *testing.T) {
	c := DefaultConfig()
	c.Handshake, c.Count, c.Rate = false, 12_000, 1000
	s := open(t, c)
	var f models.Frame
	var total float64
	for s.Next(&f) == nil {
		total += float64(f.WireLen)
	}
	if mean := total / 12_000; math.Abs(mean-362) > 0.5 {
		t.Errorf("mean size %.1f, want 362", mean)
	}
	if d := f.TS - c.Start; d != 11_999_000_000 {
		t.Errorf("the last frame is %d ns after the first, want 11.999 s", d)
	}
}

func TestConfigErrors(t *testing.T) {
	for _, c := range []Config{{}, {Flows: 1, Rate: 1, Size: "63"}, {Flows: 1, Rate: 1, Size: "big"}, {Flows: 1 << 25, Rate: 1, Size: "64"}, {Flows: 1, Rate: math.NaN(), Size: "64"}} {
		if _, err := New(c); err == nil {
			t.Errorf("%+v was accepted", c)
		}
	}
}

func TestNextDoesNotAllocate(t *testing.T) {
	s := open(t, DefaultConfig())
	var f models.Frame
	if n := testing.AllocsPerRun(1000, func() { s.Next(&f) }); n != 0 {
		t.Errorf("%v allocations a frame", n)
	}
}

func BenchmarkNext(b *testing.B) {
	s := open(b, DefaultConfig())
	var f models.Frame
	b.ReportAllocs()
	for b.Loop() {
		s.Next(&f)
	}
}
