package state

import (
	"bytes"
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// step is one field of a random snapshot: it encodes a value, and decodes and compares it.
type step struct {
	name  string
	size  int // bytes
	write func(c *Codec)
	read  func(c *Codec) (equal bool)
}

// number returns a step for a field that one method of Codec encodes.
func number[T comparable](name string, size int, v T, field func(*Codec, *T)) step {
	return step{name, size,
		func(c *Codec) { w := v; field(c, &w) },
		func(c *Codec) bool { var r T; field(c, &r); return r == v }}
}

// randomStep draws a type and a value. Values at the ends of the range are frequent.
func randomStep(rnd *rand.Rand) step {
	u := rnd.Uint64() >> rnd.IntN(64)
	if rnd.IntN(4) == 0 {
		u = []uint64{0, math.MaxUint64, 1 << 63, 1<<63 - 1}[rnd.IntN(4)]
	}
	switch rnd.IntN(10) {
	case 0:
		return number("U64", 8, u, (*Codec).U64)
	case 1:
		return number("U32", 4, uint32(u), (*Codec).U32)
	case 2:
		return number("U16", 2, uint16(u), (*Codec).U16)
	case 3:
		return number("U8", 1, uint8(u), (*Codec).U8)
	case 4:
		return number("Bool", 1, u&1 == 1, (*Codec).Bool)
	case 5:
		return number("I64", 8, int64(u), (*Codec).I64)
	case 6:
		return number("F64", 8, rnd.NormFloat64()*math.Pow(10, float64(rnd.IntN(600)-300)), (*Codec).F64)
	case 7:
		return number("F32", 4, float32(rnd.NormFloat64()), (*Codec).F32)
	case 8:
		text := make([]byte, rnd.IntN(20))
		for i := range text {
			text[i] = byte(rnd.Uint32())
		}
		return step{"Text", 4 + len(text),
			func(c *Codec) { w := slices.Clone(text); c.Text(&w, 20) },
			func(c *Codec) bool { r := []byte("overwritten"); c.Text(&r, 20); return bytes.Equal(r, text) }}
	}
	words, size := make([]uint64, rnd.IntN(40)), 0
	for i := range words {
		if i%8 == 0 {
			size++
		}
		if rnd.IntN(3) == 0 {
			words[i] = rnd.Uint64() | 1
			size += 8
		}
	}
	return step{"Sparse", size,
		func(c *Codec) { c.Sparse(slices.Clone(words)) },
		func(c *Codec) bool {
			r := slices.Repeat([]uint64{7}, len(words))
			c.Sparse(r)
			return slices.Equal(r, words)
		}}
}

// TestRandomSnapshots writes random sequences of fields and reads them back: every value is
// equal, every field has its documented size, and the bytes after the snapshot remain.
func TestRandomSnapshots(t *testing.T) {
	for seed := range uint64(400) {
		rnd := rand.New(rand.NewPCG(seed, 1))
		steps := make([]step, 1+rnd.IntN(30))
		w := Writer(nil)
		for i := range steps {
			steps[i] = randomStep(rnd)
			before := len(w.Bytes())
			steps[i].write(w)
			if n := len(w.Bytes()) - before; n != steps[i].size {
				t.Fatalf("seed %d: %s has %d bytes, want %d", seed, steps[i].name, n, steps[i].size)
			}
		}
		if w.Err() != nil || w.Reading() {
			t.Fatalf("seed %d: writing: %v, Reading %v", seed, w.Err(), w.Reading())
		}
		r := Reader(append(w.Bytes(), "rest"...))
		for i, s := range steps {
			if !s.read(r) {
				t.Fatalf("seed %d: field %d (%s) differs", seed, i, s.name)
			}
		}
		if r.Err() != nil || string(r.Bytes()) != "rest" {
			t.Fatalf("seed %d: %v, %q remain", seed, r.Err(), r.Bytes())
		}
	}
}

// TestRandomSnapshotsTruncated expects that a snapshot without its last byte returns an error,
// and that all fields after the error are zero.
func TestRandomSnapshotsTruncated(t *testing.T) {
	for seed := range uint64(200) {
		rnd := rand.New(rand.NewPCG(seed, 2))
		w := Writer(nil)
		var steps []step
		for range 1 + rnd.IntN(12) {
			steps = append(steps, randomStep(rnd))
			steps[len(steps)-1].write(w)
		}
		b := w.Bytes()
		for n := range len(b) {
			r := Reader(b[:n])
			for _, s := range steps {
				s.read(r)
			}
			if r.Err() == nil {
				t.Fatalf("seed %d: %d of %d bytes returned no error", seed, n, len(b))
			}
			v, f := uint64(9), float32(9)
			r.U64(&v)
			r.F32(&f)
			if v != 0 || f != 0 || len(r.Bytes()) != 0 {
				t.Fatalf("seed %d: after the error: %d, %v, %d bytes remain", seed, v, f, len(r.Bytes()))
			}
		}
	}
}

// TestFirstErrorIsKept: later errors do not replace the first one, which names the cause.
func TestFirstErrorIsKept(t *testing.T) {
	first, second := errors.New("first"), errors.New("second")
	c := Reader([]byte{1, 2, 3})
	c.Fail(first)
	c.Fail(second)
	c.Same("version", 4)
	c.U64(new(uint64))
	if n := c.Len(0, 10); n != 0 {
		t.Errorf("Len after an error is %d, want 0", n)
	}
	if !errors.Is(c.Err(), first) || errors.Is(c.Err(), second) {
		t.Errorf("error is %v, want the first", c.Err())
	}
}

// TestLimits checks the values at the limit of a length, and one above.
func TestLimits(t *testing.T) {
	for _, tt := range []struct {
		n, limit int
		ok       bool
	}{{0, 0, true}, {1, 0, false}, {5, 5, true}, {6, 5, false}, {math.MaxUint32, 1 << 20, false}, {math.MaxInt32, math.MaxInt32, true}} {
		n := uint32(tt.n)
		w := Writer(nil)
		w.U32(&n)
		c := Reader(w.Bytes())
		got := c.Len(0, tt.limit)
		if ok := c.Err() == nil; ok != tt.ok || ok && got != tt.n || !ok && got != 0 {
			t.Errorf("length %d with a limit of %d: %d, %v", tt.n, tt.limit, got, c.Err())
		}
	}
	long := []byte("12345")
	w := Writer(nil)
	w.Text(&long, 5)
	for limit, ok := range map[int]bool{4: false, 5: true, 6: true} {
		var text []byte
		c := Reader(w.Bytes())
		c.Text(&text, limit)
		if (c.Err() == nil) != ok || ok != (string(text) == "12345") {
			t.Errorf("text of 5 bytes with a limit of %d: %q, %v", limit, text, c.Err())
		}
	}
}

func TestSameNamesTheField(t *testing.T) {
	w := Writer(nil)
	w.Same("number of lanes", 3)
	for want, ok := range map[uint64]bool{3: true, 2: false, 4: false, 3 << 32: false} {
		c := Reader(w.Bytes())
		c.Same("number of lanes", want)
		if (c.Err() == nil) != ok {
			t.Errorf("3 compared with %d: %v", want, c.Err())
		}
		if !ok && !strings.Contains(c.Err().Error(), "number of lanes") {
			t.Errorf("error does not name the field: %v", c.Err())
		}
	}
}

// TestNotFinite: F32 and F32s accept every finite number and reject all others; F64 keeps the
// bits of any number.
func TestNotFinite(t *testing.T) {
	for _, v := range []float32{0, float32(math.Copysign(0, -1)), math.MaxFloat32, -math.MaxFloat32, math.SmallestNonzeroFloat32,
		float32(math.Inf(1)), float32(math.Inf(-1)), float32(math.NaN())} {
		finite := v-v == 0
		w := Writer(nil)
		w.F32s([]float32{1, v, 2})
		got, c := make([]float32, 3), Reader(w.Bytes())
		c.F32s(got)
		if (c.Err() == nil) != finite {
			t.Errorf("F32s of %v: %v", v, c.Err())
		}
		if finite && math.Float32bits(got[1]) != math.Float32bits(v) {
			t.Errorf("%v is read as %v", v, got[1])
		}
		if !finite && (got[0] != 1 || got[1] != 0 || got[2] != 0) {
			t.Errorf("F32s of %v: %v, want 1 0 0", v, got)
		}
	}
	for _, bits := range []uint64{math.Float64bits(math.Inf(1)), math.Float64bits(math.NaN()), 0x7ff8000000000123, 1} {
		v, w := math.Float64frombits(bits), Writer(nil)
		w.F64(&v)
		var got float64
		Reader(w.Bytes()).F64(&got)
		if math.Float64bits(got) != bits {
			t.Errorf("F64 of bits %x is read as %x", bits, math.Float64bits(got))
		}
	}
}

// TestOtherEncoder uses SetBytes for a part that another encoder writes and reads.
func TestOtherEncoder(t *testing.T) {
	a, b := uint16(300), uint16(400)
	w := Writer(nil)
	w.U16(&a)
	w.SetBytes(append(w.Bytes(), "other"...))
	w.U16(&b)
	r := Reader(w.Bytes())
	var x, y uint16
	r.U16(&x)
	rest, ok := bytes.CutPrefix(r.Bytes(), []byte("other"))
	r.SetBytes(rest)
	r.U16(&y)
	if !ok || x != a || y != b || r.Err() != nil || len(r.Bytes()) != 0 {
		t.Errorf("%d, %v, %d, %v, %d bytes remain", x, ok, y, r.Err(), len(r.Bytes()))
	}
}
