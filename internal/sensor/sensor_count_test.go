package sensor

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/netlyra/netlyra/internal/capture"
	"github.com/netlyra/netlyra/internal/conntrack"
	"github.com/netlyra/netlyra/internal/decode"
	"github.com/netlyra/netlyra/internal/models"
	"github.com/netlyra/netlyra/internal/models/vocabulary"
	"github.com/netlyra/netlyra/internal/obs"
)

// udpFrame returns an Ethernet frame with a UDP datagram of one byte between two hosts.
func udpFrame(src, dst byte, port uint16) []byte {
	b := make([]byte, 14+20+8+1)
	b[12] = 0x08 // IPv4
	ip := b[14:]
	ip[0], ip[8], ip[9] = 0x45, 64, 17
	binary.BigEndian.PutUint16(ip[2:], uint16(len(ip)))
	copy(ip[12:], []byte{10, 0, 0, src})
	copy(ip[16:], []byte{10, 0, 0, dst})
	udp := ip[20:]
	binary.BigEndian.PutUint16(udp, port)
	binary.BigEndian.PutUint16(udp[2:], 53)
	binary.BigEndian.PutUint16(udp[4:], 9)
	return b
}

// step is what a scripted source gives at one call of Next.
type step struct {
	frame models.Frame
	err   error
	drops uint64 // frames that the kernel has dropped in total
}

// script is a source that gives its steps one after the other, then end.
type script struct {
	steps  []step
	end    error
	at     int
	drops  uint64
	closed int
	each   func(at int) // called before each step; may be nil
}

func (s *script) Next(f *models.Frame) error {
	if s.each != nil {
		s.each(s.at)
	}
	if s.at == len(s.steps) {
		return s.end
	}
	next := &s.steps[s.at]
	s.at++
	s.drops = max(s.drops, next.drops)
	*f = next.frame
	return next.err
}

func (s *script) Close() error         { s.closed++; return nil }
func (s *script) Stats() capture.Stats { return capture.Stats{Dropped: s.drops} }

// sinkOf is a publisher that counts, and refuses as told.
type sinkOf struct {
	packets uint64
	tried   uint64
	bytes   uint64
	last    map[string]uint64 // packets of each connection in its newest version
	err     error             // of Publish, from the packet fails on
	fails   uint64
	flushed int
}

func (s *sinkOf) Publish(p *models.PacketMeta) error {
	if s.err != nil && s.packets+1 >= s.fails {
		return s.err
	}
	s.packets++
	s.bytes += uint64(p.WireLen)
	return nil
}

func (s *sinkOf) TryPublish(*models.PacketMeta) bool {
	s.tried++
	return s.tried%3 > 0
}

func (s *sinkOf) Flush(context.Context) error { s.flushed++; return nil }
func (s *sinkOf) PublishConnection(c *models.Connection) {
	s.last[c.ID] = c.OrigPackets + c.RespPackets // later versions replace earlier ones
}

// sensorOf returns a sensor over a scripted source, with the ledger that it counts in.
func sensorOf(src capture.Source, to *sinkOf, live bool) (*Sensor, *obs.Ledger) {
	l := &obs.Ledger{}
	to.last = map[string]uint64{}
	return New(Config{Source: src, Live: live, Decode: decode.DefaultConfig(), Conntrack: conntrack.DefaultConfig()}, to, to, l), l
}

// randomSteps returns steps with frames of all sorts: of connections, not IP, truncated at
// every length, and, from a live source, pauses and kernel drops.
func randomSteps(random *rand.Rand, n int, live bool) (steps []step, frames, bytes, drops uint64) {
	ts := models.Timestamp(1e18)
	for range n {
		ts += models.Timestamp(random.Int64N(1e7))
		if live && random.IntN(10) == 0 {
			drops += random.Uint64N(5)
			steps = append(steps, step{frame: models.Frame{TS: ts}, err: capture.ErrIdle, drops: drops})
			continue
		}
		data := udpFrame(byte(random.IntN(4)), byte(4+random.IntN(4)), uint16(1000+random.IntN(3)))
		wire := uint32(len(data))
		switch random.IntN(5) {
		case 0:
			data[12], data[13] = 0x08, 0x06 // ARP
		case 1:
			data = data[:random.IntN(len(data))]
		}
		link := models.LinkEthernet
		if random.IntN(20) == 0 {
			link = models.LinkType(60000)
		}
		frames++
		bytes += uint64(wire)
		steps = append(steps, step{frame: models.Frame{TS: ts, Link: link, WireLen: wire, Data: data}, drops: drops})
	}
	return steps, frames, bytes, drops
}

// TestEveryFrameIsCountedOnce: whatever the source gives, each frame is counted as captured
// once, and then either as one packet passed on or as one skipped frame with its reason.
func TestEveryFrameIsCountedOnce(t *testing.T) {
	for seed := range uint64(40) {
		random := rand.New(rand.NewPCG(seed, 1))
		live := seed%2 == 1
		steps, frames, bytes, drops := randomSteps(random, 1+random.IntN(1500), live)
		src, to := &script{steps: steps, end: io.EOF}, &sinkOf{}
		s, l := sensorOf(src, to, live)
		if err := s.Run(t.Context()); err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		by := map[string]models.StageCounts{}
		for _, c := range l.Counts() {
			by[c.Stage] = c
			if c.In != c.Out+sum(c.Dropped) {
				t.Errorf("seed %d: %s: %d came in, %d out, dropped %v", seed, c.Stage, c.In, c.Out, c.Dropped)
			}
		}
		captured := by[vocabulary.StageCapture]
		if captured.Out != frames || captured.Bytes != bytes || captured.Dropped[vocabulary.DropKernel] != drops {
			t.Errorf("seed %d: %d frames with %d bytes, %d dropped by the kernel; counted %+v", seed, frames, bytes, drops, captured)
		}
		if got := by[vocabulary.StageDecode]; got.In != frames || got.Out != to.packets+to.tried {
			t.Errorf("seed %d: %d frames, %d packets published, decoded %+v", seed, frames, to.packets+to.tried, got)
		}
		if live && to.packets > 0 || !live && to.tried > 0 {
			t.Errorf("seed %d: a live source must not block, a file must not lose: %d, %d", seed, to.packets, to.tried)
		}
		if in, want := sum(to.last), withHeaders(steps); in != want {
			t.Errorf("seed %d: the connections have %d packets, want %d", seed, in, want)
		}
		if src.closed != 1 || to.flushed != 1 {
			t.Errorf("seed %d: closed %d times, flushed %d times", seed, src.closed, to.flushed)
		}
	}
}

// withHeaders counts the frames that have a complete UDP header; others have no connection.
func withHeaders(steps []step) (n uint64) {
	for _, s := range steps {
		if f := &s.frame; s.err == nil && f.Link == models.LinkEthernet && len(f.Data) >= 14+20+8 && f.Data[13] == 0 {
			n++
		}
	}
	return n
}

func sum(by map[string]uint64) (n uint64) {
	for _, v := range by {
		n += v
	}
	return n
}

// TestSkippedFramesHaveTheirReason: the drop reasons are the codes of the decoder.
func TestSkippedFramesHaveTheirReason(t *testing.T) {
	good := udpFrame(1, 2, 1000)
	arp := slices.Clone(good)
	arp[12], arp[13] = 0x08, 0x06 // with content that is no ARP message
	version := slices.Clone(good)
	version[14] = 0x75
	frame := func(data []byte) step {
		return step{frame: models.Frame{TS: 1, Link: models.LinkEthernet, WireLen: uint32(len(data)), Data: data}}
	}
	src := &script{end: io.EOF, steps: []step{frame(good), frame(arp), frame(arp), frame(good[:5]), frame(good[:20]), frame(version), frame(good)}}
	s, l := sensorOf(src, &sinkOf{}, false)
	if err := s.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	want := map[string]uint64{vocabulary.DropBadLinkMessage: 2, vocabulary.DropTruncatedLink: 1, vocabulary.DropTruncatedIP: 1, vocabulary.DropBadIPVersion: 1}
	got := l.Stage(vocabulary.StageDecode).Counts()
	if got.Out != 2 || fmt.Sprint(got.Dropped) != fmt.Sprint(want) {
		t.Errorf("got %+v, want %v", got, want)
	}
}

// TestFailuresOfTheSource: what was read before an error is counted and published, the source
// is closed, and the error is returned.
func TestFailuresOfTheSource(t *testing.T) {
	broken := errors.New("the interface is down")
	for _, before := range []int{0, 1, 255, 256, 257, 1000} {
		random := rand.New(rand.NewPCG(uint64(before), 2))
		steps, frames, _, _ := randomSteps(random, before, false)
		src, to := &script{steps: steps, end: broken}, &sinkOf{}
		s, l := sensorOf(src, to, false)
		if err := s.Run(t.Context()); !errors.Is(err, broken) {
			t.Errorf("after %d frames: %v", before, err)
		}
		if got := l.Stage(vocabulary.StageCapture).Counts(); got.Out != frames || src.closed != 1 || to.flushed != 1 {
			t.Errorf("after %d frames: counted %+v, closed %d times, flushed %d times", before, got, src.closed, to.flushed)
		}
	}
}

// TestFailuresOfThePublisher end the run; the packet that failed was decoded and tracked.
func TestFailuresOfThePublisher(t *testing.T) {
	refused := errors.New("refused")
	var steps []step
	for i := range 500 {
		data := udpFrame(1, 2, 1000)
		steps = append(steps, step{frame: models.Frame{TS: models.Timestamp(i), Link: models.LinkEthernet, WireLen: uint32(len(data)), Data: data}})
	}
	src, to := &script{steps: steps, end: io.EOF}, &sinkOf{err: refused, fails: 300}
	s, l := sensorOf(src, to, false)
	if err := s.Run(t.Context()); !errors.Is(err, refused) {
		t.Errorf("got %v", err)
	}
	if got := l.Stage(vocabulary.StageConntrack).Counts(); got.Out != 300 || to.packets != 299 || src.at != 300 {
		t.Errorf("tracked %d, published %d, read %d", got.Out, to.packets, src.at)
	}
}

// TestCanceledWhileBusyAndWhileIdle: a busy source notices the end of the context within
// checkEvery frames, an idle one at once; neither is an error.
func TestCanceledWhileBusyAndWhileIdle(t *testing.T) {
	data := udpFrame(1, 2, 1000)
	busy := step{frame: models.Frame{TS: 1, Link: models.LinkEthernet, WireLen: uint32(len(data)), Data: data}}
	idle := step{frame: models.Frame{TS: 1}, err: capture.ErrIdle}
	for _, c := range []struct {
		name string
		of   step
		most int
	}{{"busy", busy, checkEvery}, {"idle", idle, 1}} {
		ctx, cancel := context.WithCancel(t.Context())
		src := &script{steps: slices.Repeat([]step{c.of}, 2000), end: io.EOF}
		const at = 700
		src.each = func(i int) {
			if i == at {
				cancel()
			}
		}
		s, l := sensorOf(src, &sinkOf{}, true)
		if err := s.Run(ctx); err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
		if more := src.at - at; more < 1 || more > c.most {
			t.Errorf("%s: %d frames were read after the end, at most %d expected", c.name, more, c.most)
		}
		if got := l.Stage(vocabulary.StageCapture).Counts().Out; c.of.err == nil && got != uint64(src.at) {
			t.Errorf("%s: %d frames read, %d counted", c.name, src.at, got)
		}
		cancel()
	}
}

// TestTrafficIsASnapshot: Traffic is nil before the first request is served, and afterwards
// as of the request before.
func TestTrafficIsASnapshot(t *testing.T) {
	data := udpFrame(1, 2, 1000)
	src := &script{end: io.EOF, steps: slices.Repeat([]step{{frame: models.Frame{TS: 1, Link: models.LinkEthernet, WireLen: uint32(len(data)), Data: data}}}, 600)}
	s, _ := sensorOf(src, &sinkOf{}, true)
	var seen []*models.Traffic
	src.each = func(i int) {
		if i == 100 || i == 200 || i == 300 {
			seen = append(seen, s.Traffic())
		}
	}
	if err := s.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	if seen[0] != nil || seen[1] == nil || seen[2] == nil || seen[1] == seen[2] {
		t.Errorf("snapshots %v", seen)
	}
}
