package demo

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/gopacket"
	"github.com/google/gopacket/layers"
	"github.com/netlyra/netlyra/internal/capture"
	"github.com/netlyra/netlyra/internal/models"
)

var _ capture.Source = (*Generator)(nil)

// take runs a generator to its end.
func take(t testing.TB, cfg Config, each func(g *Generator, f *models.Frame)) *Generator {
	t.Helper()
	g, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	var f models.Frame
	for {
		if err := g.Next(&f); err == io.EOF {
			return g
		} else if err != nil {
			t.Fatal(err)
		}
		each(g, &f)
	}
}

// short is the demo for so long.
func short(d time.Duration) Config {
	c := DefaultConfig()
	c.Duration = d
	return c
}

// alone is one attack with hardly any traffic around it.
func alone(kind string, d time.Duration) Config {
	c := short(d)
	c.Rotation, c.Rate = nil, 1
	c.Attacks = []Attack{{Kind: kind, At: time.Second}}
	return c
}

// TestFramesAreValid decodes every frame of every kind by another implementation and
// computes its checksums again.
func TestFramesAreValid(t *testing.T) {
	c := short(20 * time.Second)
	c.Rotation = nil
	for i, name := range Names() {
		c.Attacks = append(c.Attacks, Attack{Kind: name, At: time.Duration(i+1) * time.Second, For: 4 * time.Second})
	}
	seen := map[string]int{}
	take(t, c, func(g *Generator, f *models.Frame) {
		seen[g.Label()]++
		if int(f.WireLen) != len(f.Data) || len(f.Data) > maxFrame {
			t.Fatalf("frame %d: %d bytes, on the wire %d", g.Count(), len(f.Data), f.WireLen)
		}
		if err := checkFrame(f.Data); err != nil {
			t.Fatalf("frame %d (%s): %v", g.Count(), g.Label(), err)
		}
	})
	for _, name := range append(Names(), "") {
		if seen[name] == 0 {
			t.Errorf("no frame of %q", name)
		}
	}
}

// checkFrame decodes a frame, serializes it again with lengths and checksums
// computed by gopacket, and compares.
func checkFrame(b []byte) error {
	p := gopacket.NewPacket(b, layers.LayerTypeEthernet, gopacket.DecodeOptions{NoCopy: true})
	// What is above UDP and TCP is noise on purpose here and there.
	if p.TransportLayer() == nil && p.Layer(layers.LayerTypeICMPv4) == nil {
		return fmt.Errorf("no transport layer: %v", p.ErrorLayer())
	}
	var l []gopacket.SerializableLayer
	for _, x := range p.Layers() {
		switch x := x.(type) {
		case *layers.TCP:
			x.SetNetworkLayerForChecksum(p.NetworkLayer())
			l = append(l, x, gopacket.Payload(x.Payload))
		case *layers.UDP:
			x.SetNetworkLayerForChecksum(p.NetworkLayer())
			l = append(l, x, gopacket.Payload(x.Payload))
		case *layers.ICMPv4:
			l = append(l, x, gopacket.Payload(x.Payload))
		case *layers.Ethernet, *layers.IPv4, *layers.IPv6:
			l = append(l, x.(gopacket.SerializableLayer))
		}
	}
	buf := gopacket.NewSerializeBuffer()
	if err := gopacket.SerializeLayers(buf, gopacket.SerializeOptions{FixLengths: true, ComputeChecksums: true}, l...); err != nil {
		return err
	}
	if out := buf.Bytes(); !bytes.Equal(out[:len(b)], b) || len(out) > max(60, len(b)) {
		return errors.New("lengths or checksums differ from what gopacket computes")
	}
	return nil
}

// TestStreamsAreWhole follows each TCP connection: sequence numbers have no gap, each
// byte that is acknowledged was sent, and it ends as it should.
func TestStreamsAreWhole(t *testing.T) {
	c := short(30 * time.Second)
	c.Rotation, c.Attacks = nil, []Attack{{Kind: Exfiltration, At: 2 * time.Second}, {Kind: SSHBruteForce, At: 2 * time.Second}}
	type end struct{ next uint32 }
	type conn struct {
		ends   [2]end
		closed bool
	}
	conns, closed := map[string]*conn{}, 0
	take(t, c, func(g *Generator, f *models.Frame) {
		p := gopacket.NewPacket(f.Data, layers.LayerTypeEthernet, gopacket.Lazy)
		tcp, ok := p.Layer(layers.LayerTypeTCP).(*layers.TCP)
		if !ok {
			return
		}
		a, b := p.NetworkLayer().NetworkFlow().Src().String()+tcp.SrcPort.String(), p.NetworkLayer().NetworkFlow().Dst().String()+tcp.DstPort.String()
		i, key := 0, a+b
		if a > b {
			i, key = 1, b+a
		}
		k := conns[key]
		if k == nil || tcp.SYN && !tcp.ACK {
			k = &conn{}
			conns[key] = k
		}
		me, other := &k.ends[i], &k.ends[1-i]
		if tcp.SYN {
			me.next = tcp.Seq
		}
		if tcp.Seq != me.next {
			t.Fatalf("frame %d %s: sequence %d, want %d", g.Count(), key, tcp.Seq, me.next)
		}
		if tcp.ACK && int32(tcp.Ack-other.next) > 0 {
			t.Fatalf("frame %d %s: acknowledges %d, sent is %d", g.Count(), key, tcp.Ack, other.next)
		}
		me.next += uint32(len(tcp.Payload))
		if tcp.SYN || tcp.FIN {
			me.next++
		}
		if (tcp.FIN || tcp.RST) && !k.closed {
			k.closed = true
			closed++
		}
	})
	if len(conns) < 100 || closed < len(conns)/2 {
		t.Errorf("%d connections, %d closed", len(conns), closed)
	}
}

// TestSameSeedSameBytes: every comparison of alerts depends on this.
func TestSameSeedSameBytes(t *testing.T) {
	sum := func(c Config) [32]byte {
		h := sha256.New()
		take(t, c, func(g *Generator, f *models.Frame) {
			io.WriteString(h, f.TS.String()+g.Label())
			h.Write(f.Data)
		})
		return [32]byte(h.Sum(nil))
	}
	a, b := short(20*time.Second), short(20*time.Second)
	if sum(a) != sum(b) {
		t.Error("the same configuration gave other frames")
	}
	b.Seed++
	if sum(a) == sum(b) {
		t.Error("another seed gave the same frames")
	}
}

// TestBenignTrafficDoesNotDependOnAttacks: times and ports are the same, IP
// identification numbers of hosts that are attacked are not.
func TestBenignTrafficDoesNotDependOnAttacks(t *testing.T) {
	sum := func(c Config) (out []string) {
		take(t, c, func(g *Generator, f *models.Frame) {
			if g.Label() == "" {
				p := gopacket.NewPacket(f.Data, layers.LayerTypeEthernet, gopacket.Lazy)
				out = append(out, f.TS.String()+p.NetworkLayer().NetworkFlow().String()+strconv.Itoa(len(f.Data)))
			}
		})
		return out
	}
	with := short(15 * time.Second)
	without := with
	without.Rotation = nil
	a, b := sum(with), sum(without)
	if len(a) != len(b) {
		t.Fatalf("%d benign frames with attacks, %d without", len(a), len(b))
	}
	for i := range a {
		if a[i] != b[i] {
			t.Fatalf("benign frame %d is %s with attacks, %s without", i, a[i], b[i])
		}
	}
}

// TestSchedule: quiet at first, then attacks in rotation, at a rate that a small machine can
// process.
func TestSchedule(t *testing.T) {
	c := short(63 * time.Second)
	first := map[string]models.Timestamp{}
	perSecond := map[int64]int{}
	benign, last := 0, models.Timestamp(0)
	take(t, c, func(g *Generator, f *models.Frame) {
		if f.TS < last {
			t.Fatalf("frame %d goes back in time", g.Count())
		}
		last = f.TS
		perSecond[int64(f.TS-c.Start)/1e9]++
		if g.Label() == "" {
			benign++
		} else if _, ok := first[g.Label()]; !ok {
			first[g.Label()] = f.TS
		}
	})
	for i, name := range c.Rotation {
		at := time.Duration(first[name] - c.Start)
		if want := c.Quiet + time.Duration(i)*c.Every; at < want || at > want+time.Second {
			t.Errorf("%s begins at %v, want %v", name, at, want)
		}
	}
	for s, n := range perSecond {
		if n > 5000 {
			t.Errorf("%d packets in second %d, more than 5000", n, s)
		}
	}
	if rate := float64(benign) / 63; rate < 0.75*c.Rate || rate > 1.3*c.Rate {
		t.Errorf("%.0f benign packets/s, configured %.0f", rate, c.Rate)
	} else {
		t.Logf("%.0f benign packets/s, configured %.0f", rate, c.Rate)
	}
}

// TestAttackPattern checks sources and targets of each kind.
func TestAttackPattern(t *testing.T) {
	for _, k := range Kinds() {
		t.Run(k.Name, func(t *testing.T) {
			d := min(k.For, 20*time.Second) + 3*time.Second
			n, up := 0, 0
			sources := map[netip.Addr]bool{}
			take(t, alone(k.Name, d), func(g *Generator, f *models.Frame) {
				if g.Label() != k.Name {
					return
				}
				n++
				src, _ := netip.AddrFromSlice(f.Data[26:30])
				dst, _ := netip.AddrFromSlice(f.Data[30:34])
				sources[src] = true
				if (!k.Source.IsValid() || src == k.Source) && (!k.Target.IsValid() || dst == k.Target) {
					up++
				}
			})
			// A unit is at least one packet to the target; sessions have more.
			if want := int(min(k.For, 20*time.Second).Seconds() * k.Rate * 0.9); up < want {
				t.Errorf("%d packets to the target in %v, want at least %d", up, d, want)
			}
			if k.Name == SpoofedFlood && len(sources) < n/3 {
				t.Errorf("%d sources in %d packets of a spoofed flood", len(sources), n)
			}
		})
	}
}

// TestWriteCapture: the labels of the file are those of its frames.
func TestWriteCapture(t *testing.T) {
	g, err := New(short(12 * time.Second))
	if err != nil {
		t.Fatal(err)
	}
	var pcap, labels bytes.Buffer
	w, err := WriteCapture(context.Background(), g, 0, &pcap, &labels)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(&labels).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(rows[0], ","); got != "index,label,attack" {
		t.Errorf("columns %q", got)
	}
	if uint64(len(rows)-1) != w.Frames || rows[w.Frames][0] != strconv.FormatUint(w.Frames, 10) {
		t.Errorf("%d rows for %d frames, the last is %v", len(rows)-1, w.Frames, rows[len(rows)-1])
	}
	var attacks uint64
	for _, r := range rows[1:] {
		if (r[1] == "1") != (r[2] != "") {
			t.Fatalf("row %v", r)
		}
		if r[1] == "1" {
			attacks++
		}
	}
	if attacks != w.Attacks || attacks == 0 {
		t.Errorf("%d rows of attacks, %d counted", attacks, w.Attacks)
	}
}

func TestWriteCaptureBounds(t *testing.T) {
	endless := DefaultConfig()
	g, _ := New(endless)
	if _, err := WriteCapture(context.Background(), g, 0, io.Discard, nil); err == nil {
		t.Error("an endless capture was accepted")
	}
	if w, err := WriteCapture(context.Background(), g, 777, io.Discard, nil); err != nil || w.Frames != 777 {
		t.Errorf("%d frames, %v; want 777", w.Frames, err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := WriteCapture(ctx, g, 777, io.Discard, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want canceled", err)
	}
}

func TestConfigErrors(t *testing.T) {
	for name, change := range map[string]func(*Config){
		"rate":     func(c *Config) { c.Rate = 0 },
		"attack":   func(c *Config) { c.Rotation = []string{"magic"} },
		"every":    func(c *Config) { c.Every = 0 },
		"station":  func(c *Config) { c.Workstations = 0 },
		"negative": func(c *Config) { c.Attacks = []Attack{{Kind: Beacon, At: -1}} },
	} {
		c := DefaultConfig()
		change(&c)
		if _, err := New(c); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: error %v", name, err)
		}
	}
}

func BenchmarkNext(b *testing.B) {
	g, err := New(DefaultConfig())
	if err != nil {
		b.Fatal(err)
	}
	var f models.Frame
	b.ReportAllocs()
	var n int64
	for b.Loop() {
		if err := g.Next(&f); err != nil {
			b.Fatal(err)
		}
		n += int64(len(f.Data))
	}
	b.SetBytes(n / int64(b.N))
}
