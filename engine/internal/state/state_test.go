package state

import (
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// all has one field of each type.
type all struct {
	A uint64
	B uint32
	C uint16
	D uint8
	E bool
	F int64
	G float64
	H float32
	I []float32
	J []uint64
	K []byte
}

func (a *all) fields(c *Codec) {
	c.Same("version", 7)
	c.U64(&a.A)
	c.U32(&a.B)
	c.U16(&a.C)
	c.U8(&a.D)
	c.Bool(&a.E)
	c.I64(&a.F)
	c.F64(&a.G)
	c.F32(&a.H)
	c.F32s(a.I)
	c.Sparse(a.J)
	c.Text(&a.K, 16)
}

func full() *all {
	return &all{A: 1 << 63, B: 1 << 31, C: 1 << 15, D: 255, E: true, F: -1, G: math.Pi, H: -0.5, I: []float32{1, -2, math.MaxFloat32},
		J: []uint64{0, 5, 0, 0, 0, 0, 0, 1 << 63, 0, 9, 0}, K: []byte("text")}
}

func written(a *all) []byte {
	c := Writer([]byte("before"))
	a.fields(c)
	return c.Bytes()[len("before"):]
}

func TestRoundTrip(t *testing.T) {
	want := full()
	c := Reader(append(written(want), "after"...))
	got := &all{I: make([]float32, 3), J: []uint64{8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8}} // what was there is overwritten
	got.fields(c)
	if c.Err() != nil || string(c.Bytes()) != "after" {
		t.Fatalf("%v, %q is left", c.Err(), c.Bytes())
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestSparseIsSmall(t *testing.T) {
	c := Writer(nil)
	c.Sparse(make([]uint64, 16))
	if n := len(c.Bytes()); n != 2 {
		t.Errorf("%d bytes for zeros, want 2", n)
	}
}

// TestCutAnywhere reads truncated snapshots and expects an error and no panic.
func TestCutAnywhere(t *testing.T) {
	b := written(full())
	for n := range len(b) {
		c := Reader(b[:n])
		(&all{I: make([]float32, 3), J: make([]uint64, 11)}).fields(c)
		if c.Err() == nil {
			t.Errorf("reading %d of %d bytes returned no error", n, len(b))
		}
	}
}

func TestRefusals(t *testing.T) {
	for name, read := range map[string]func(c *Codec){
		"another version": func(c *Codec) { c.Same("version", 1) },
		"too many":        func(c *Codec) { c.Len(0, 2) },
		"infinite":        func(c *Codec) { c.F32(new(float32)) },
		"text too long":   func(c *Codec) { c.Text(new([]byte), 2) },
	} {
		inf, three := math.Float32bits(float32(math.Inf(1))), uint32(3)
		w := Writer(nil)
		if name == "infinite" {
			w.U32(&inf)
		} else {
			w.U32(&three)
		}
		w.U64(new(uint64))
		c := Reader(w.Bytes())
		read(c)
		if c.Err() == nil {
			t.Errorf("%s was accepted", name)
		}
	}
}
