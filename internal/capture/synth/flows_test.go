package synth

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"math"
	"testing"

	"github.com/netlyra/netlyra/internal/models"
)

// TestFlowsAreVisitedInTurn: each round has one frame of each flow; with handshakes the first
// three are SYN, SYN and ACK, ACK; later ones alternate between the ends.
func TestFlowsAreVisitedInTurn(t *testing.T) {
	for _, handshake := range []bool{true, false} {
		c := DefaultConfig()
		c.Flows, c.Handshake, c.Count = 7, handshake, 7*20
		s := open(t, c)
		var f models.Frame
		for i := range int(c.Count) {
			if err := s.Next(&f); err != nil {
				t.Fatal(err)
			}
			flow, round := uint32(i%c.Flows), i/c.Flows
			src, dst := binary.BigEndian.Uint32(f.Data[srcAt:]), binary.BigEndian.Uint32(f.Data[dstAt:])
			up := dst == 0xc6120000|flow&0xff
			if client := 0x0a000000 | flow; up && src != client || !up && dst != client {
				t.Fatalf("frame %d is from %#x to %#x, want flow %d", i, src, dst, flow)
			}
			flags, wantUp, wantFlags := f.Data[tcpAt+13], (round+int(flow))%2 == 0, byte(flagACK|flagPSH)
			if handshake && round < 3 {
				wantUp, wantFlags = round != 1, [3]byte{flagSYN, flagSYN | flagACK, flagACK}[round]
			}
			if flags != wantFlags || up != wantUp {
				t.Fatalf("handshake %v, frame %d: flags %#x up %v, want %#x %v", handshake, i, flags, up, wantFlags, wantUp)
			}
		}
		if err := s.Next(&f); !errors.Is(err, io.EOF) {
			t.Errorf("after %d frames: %v", c.Count, err)
		}
	}
}

// TestSameConfigSameFrames: benchmarks depend on equal input.
func TestSameConfigSameFrames(t *testing.T) {
	c := DefaultConfig()
	c.Flows, c.Count = 50, 5000
	a, b := open(t, c), open(t, c)
	var x, y models.Frame
	last := models.Timestamp(math.MinInt64)
	for i := range int(c.Count) {
		if a.Next(&x) != nil || b.Next(&y) != nil || x.TS != y.TS || !bytes.Equal(x.Data, y.Data) {
			t.Fatalf("frame %d differs", i)
		}
		if x.TS < last {
			t.Fatalf("frame %d goes back in time", i)
		}
		last = x.TS
	}
}

// TestAcknowledgementsFollowData: each end acknowledges exactly what the other has sent.
func TestAcknowledgementsFollowData(t *testing.T) {
	c := DefaultConfig()
	c.Flows, c.Count, c.Size = 3, 3000, "imix"
	s := open(t, c)
	next := map[[2]uint32]uint32{} // by source and destination
	var f models.Frame
	for i := 0; s.Next(&f) == nil; i++ {
		b := f.Data
		src, dst := binary.BigEndian.Uint32(b[srcAt:]), binary.BigEndian.Uint32(b[dstAt:])
		seq, ack := binary.BigEndian.Uint32(b[tcpAt+4:]), binary.BigEndian.Uint32(b[tcpAt+8:])
		me, peer := [2]uint32{src, dst}, [2]uint32{dst, src}
		if seq != next[me] || b[tcpAt+13]&flagACK != 0 && ack != next[peer] {
			t.Fatalf("frame %d: sequence %d, acknowledgement %d; want %d, %d", i, seq, ack, next[me], next[peer])
		}
		next[me] += uint32(len(b)-dataAt) + uint32(b[tcpAt+13]&flagSYN)/flagSYN
	}
	if len(next) != 6 {
		t.Errorf("%d directions, want 6", len(next))
	}
}

// TestCloseEndsAnEndlessSource: Next returns io.EOF after Close, and the count is complete.
func TestCloseEndsAnEndlessSource(t *testing.T) {
	c := DefaultConfig()
	c.Flows = 1
	s := open(t, c)
	var f models.Frame
	for range 101 {
		if err := s.Next(&f); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := s.Next(&f); !errors.Is(err, io.EOF) {
		t.Errorf("Next after Close: %v", err)
	}
	if st := s.Stats(); st.Received != 101 || st.Dropped != 0 {
		t.Errorf("%+v", st)
	}
}
