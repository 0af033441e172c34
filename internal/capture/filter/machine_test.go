package filter

import (
	"encoding/binary"
	"math/rand/v2"
	"testing"

	"golang.org/x/net/bpf"
)

// program assembles instructions.
func program(t *testing.T, ins ...bpf.Instruction) []bpf.RawInstruction {
	t.Helper()
	prog, err := bpf.Assemble(ins)
	if err != nil {
		t.Fatal(err)
	}
	return prog
}

// TestLoads has loads of each size and mode at the last byte of a frame and beyond. A load
// beyond the frame rejects it.
func TestLoads(t *testing.T) {
	pkt := []byte{1, 2, 3, 4, 5, 6, 7, 0x85}
	for _, c := range []struct {
		name string
		ins  []bpf.Instruction
		want uint32
	}{
		{"byte", []bpf.Instruction{bpf.LoadAbsolute{Off: 7, Size: 1}}, 0x85},
		{"byte beyond", []bpf.Instruction{bpf.LoadAbsolute{Off: 8, Size: 1}}, 0},
		{"half", []bpf.Instruction{bpf.LoadAbsolute{Off: 6, Size: 2}}, 0x785},
		{"half beyond", []bpf.Instruction{bpf.LoadAbsolute{Off: 7, Size: 2}}, 0},
		{"word", []bpf.Instruction{bpf.LoadAbsolute{Off: 4, Size: 4}}, 0x05060785},
		{"word beyond", []bpf.Instruction{bpf.LoadAbsolute{Off: 5, Size: 4}}, 0},
		{"far beyond", []bpf.Instruction{bpf.LoadAbsolute{Off: 0x7fffffff, Size: 4}}, 0},
		{"indirect", []bpf.Instruction{bpf.LoadConstant{Dst: bpf.RegX, Val: 4}, bpf.LoadIndirect{Off: 2, Size: 2}}, 0x785},
		{"indirect beyond", []bpf.Instruction{bpf.LoadConstant{Dst: bpf.RegX, Val: 4}, bpf.LoadIndirect{Off: 4, Size: 1}}, 0},
		{"indirect that wraps", []bpf.Instruction{bpf.LoadConstant{Dst: bpf.RegX, Val: 0xffffffff}, bpf.LoadIndirect{Off: 1, Size: 1}}, 0},
		{"constant", []bpf.Instruction{bpf.LoadConstant{Dst: bpf.RegA, Val: 77}}, 77},
		{"scratch", []bpf.Instruction{bpf.LoadConstant{Dst: bpf.RegA, Val: 9}, bpf.StoreScratch{Src: bpf.RegA, N: 15}, bpf.LoadConstant{Dst: bpf.RegA, Val: 0}, bpf.LoadScratch{Dst: bpf.RegA, N: 15}}, 9},
		{"scratch of X", []bpf.Instruction{bpf.LoadConstant{Dst: bpf.RegX, Val: 9}, bpf.StoreScratch{Src: bpf.RegX, N: 0}, bpf.LoadScratch{Dst: bpf.RegA, N: 0}}, 9},
		{"header length", []bpf.Instruction{bpf.LoadMemShift{Off: 7}, bpf.TXA{}}, 20},
		{"header length beyond", []bpf.Instruction{bpf.LoadMemShift{Off: 8}, bpf.LoadConstant{Dst: bpf.RegA, Val: 1}}, 0},
		{"length on the wire", []bpf.Instruction{bpf.LoadExtension{Num: bpf.ExtLen}}, 1500},
		{"transfers", []bpf.Instruction{bpf.LoadConstant{Dst: bpf.RegA, Val: 5}, bpf.TAX{}, bpf.LoadConstant{Dst: bpf.RegA, Val: 0}, bpf.TXA{}}, 5},
	} {
		prog := program(t, append(c.ins, bpf.RetA{})...)
		if err := verify(prog); err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if got := run(prog, pkt, 1500); got != c.want {
			t.Errorf("%s: %#x, want %#x", c.name, got, c.want)
		}
	}
}

// TestArithmetic compares every operation with Go's on random operands, as a constant and in
// the register; a division by zero rejects the frame.
func TestArithmetic(t *testing.T) {
	ops := map[bpf.ALUOp]func(a, b uint32) uint32{
		bpf.ALUOpAdd: func(a, b uint32) uint32 { return a + b }, bpf.ALUOpSub: func(a, b uint32) uint32 { return a - b },
		bpf.ALUOpMul: func(a, b uint32) uint32 { return a * b }, bpf.ALUOpDiv: func(a, b uint32) uint32 { return a / b },
		bpf.ALUOpMod: func(a, b uint32) uint32 { return a % b }, bpf.ALUOpOr: func(a, b uint32) uint32 { return a | b },
		bpf.ALUOpAnd: func(a, b uint32) uint32 { return a & b }, bpf.ALUOpXor: func(a, b uint32) uint32 { return a ^ b },
		bpf.ALUOpShiftLeft: func(a, b uint32) uint32 { return a << b }, bpf.ALUOpShiftRight: func(a, b uint32) uint32 { return a >> b },
	}
	rng := rand.New(rand.NewPCG(11, 60))
	for op, f := range ops {
		for range 500 {
			a, b := rng.Uint32()>>rng.IntN(32), rng.Uint32()>>rng.IntN(32)
			if op == bpf.ALUOpShiftLeft || op == bpf.ALUOpShiftRight {
				b %= 40 // shifts beyond the width too
			}
			zero := b == 0 && (op == bpf.ALUOpDiv || op == bpf.ALUOpMod)
			want := uint32(0)
			if !zero {
				want = f(a, b)
			}
			x := program(t, bpf.LoadConstant{Dst: bpf.RegX, Val: b}, bpf.LoadConstant{Dst: bpf.RegA, Val: a}, bpf.ALUOpX{Op: op}, bpf.RetA{})
			k := program(t, bpf.LoadConstant{Dst: bpf.RegA, Val: a}, bpf.ALUOpConstant{Op: op, Val: b}, bpf.RetA{})
			if gx, gk := run(x, nil, 0), run(k, nil, 0); gx != want || gk != want {
				t.Fatalf("operation %#x of %#x and %#x: %#x by register, %#x by constant, want %#x", uint16(op), a, b, gx, gk, want)
			}
		}
	}
	if got := run(program(t, bpf.LoadConstant{Dst: bpf.RegA, Val: 5}, bpf.NegateA{}, bpf.RetA{}), nil, 0); got != 0xfffffffb {
		t.Errorf("negation of 5: %#x", got)
	}
}

// TestJumps compares every condition at values around its operand.
func TestJumps(t *testing.T) {
	for cond, f := range map[bpf.JumpTest]func(a, b uint32) bool{
		bpf.JumpEqual: func(a, b uint32) bool { return a == b }, bpf.JumpNotEqual: func(a, b uint32) bool { return a != b },
		bpf.JumpGreaterThan: func(a, b uint32) bool { return a > b }, bpf.JumpGreaterOrEqual: func(a, b uint32) bool { return a >= b },
		bpf.JumpLessThan: func(a, b uint32) bool { return a < b }, bpf.JumpLessOrEqual: func(a, b uint32) bool { return a <= b },
		bpf.JumpBitsSet: func(a, b uint32) bool { return a&b != 0 }, bpf.JumpBitsNotSet: func(a, b uint32) bool { return a&b == 0 },
	} {
		values := []uint32{0, 1, 2, 5, 6, 7, 1 << 31, 1<<31 - 1, 1<<32 - 1}
		for _, a := range values {
			for _, b := range values {
				prog := program(t, bpf.LoadConstant{Dst: bpf.RegA, Val: a}, bpf.JumpIf{Cond: cond, Val: b, SkipTrue: 1}, bpf.RetConstant{Val: 10}, bpf.RetConstant{Val: 20})
				if err := verify(prog); err != nil {
					t.Fatal(err)
				}
				if got := run(prog, nil, 0) == 20; got != f(a, b) {
					t.Errorf("condition %d of %#x and %#x: %v", cond, a, b, got)
				}
			}
		}
	}
	prog := program(t, bpf.Jump{Skip: 1}, bpf.RetConstant{Val: 10}, bpf.RetConstant{Val: 20})
	if got := run(prog, nil, 0); got != 20 {
		t.Errorf("unconditional jump: %d", got)
	}
}

// TestVerifyRejects has programs that would not end or would leave the memory of the machine.
func TestVerifyRejects(t *testing.T) {
	ret := bpf.RawInstruction{Op: opRET}
	for name, prog := range map[string][]bpf.RawInstruction{
		"empty":                       nil,
		"no return":                   {{Op: opLD | modeIMM}},
		"jump beyond the end":         {{Op: opJMP, K: 1}, ret},
		"jump far beyond the end":     {{Op: opJMP, K: 1<<32 - 1}, ret},
		"true branch beyond the end":  {{Op: opJMP | 0x10, Jt: 1}, ret},
		"false branch beyond the end": {{Op: opJMP | 0x10, Jf: 200}, ret},
		"store beyond the scratch":    {{Op: opST, K: scratch}, ret},
		"store of X beyond":           {{Op: opSTX, K: scratch}, ret},
		"load beyond the scratch":     {{Op: opLD | modeMEM, K: scratch}, ret},
		"load to X beyond":            {{Op: opLDX | modeMEM, K: scratch}, ret},
		"unknown operation":           {{Op: opALU | 0xf0}, ret},
		"unknown condition":           {{Op: opJMP | 0xf0}, ret},
		"too long":                    append(make([]bpf.RawInstruction, maxInstr), ret),
	} {
		if verify(prog) == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

// TestRandomProgramsEnd: random programs that pass verification return, without a panic, on
// frames of any length.
func TestRandomProgramsEnd(t *testing.T) {
	rng := rand.New(rand.NewPCG(11, 61))
	var known []uint16
	for op := range uint16(256) {
		if verify([]bpf.RawInstruction{{Op: op}, {Op: opRET}, {Op: opRET}}) == nil {
			known = append(known, op)
		}
	}
	accepted := 0
	for range 20_000 {
		prog := make([]bpf.RawInstruction, 1+rng.IntN(20))
		for i := range prog {
			prog[i] = bpf.RawInstruction{Op: known[rng.IntN(len(known))], Jt: uint8(rng.IntN(4)), Jf: uint8(rng.IntN(4)), K: rng.Uint32() >> rng.IntN(32)}
		}
		prog[len(prog)-1] = bpf.RawInstruction{Op: opRET | retA}
		if verify(prog) != nil {
			continue
		}
		accepted++
		pkt := make([]byte, rng.IntN(40))
		for i := range pkt {
			pkt[i] = byte(rng.Uint32())
		}
		first := run(prog, pkt, len(pkt))
		if again := run(prog, pkt, len(pkt)); again != first {
			t.Fatalf("%v returns %d, then %d", prog, first, again)
		}
	}
	if accepted < 1000 {
		t.Errorf("%d of 20000 programs were accepted; the test shows little", accepted)
	}
}

// TestPortFilter runs a program as libpcap compiles it, without libpcap: TCP port 80 over
// IPv4, at either end, in the first fragment only.
func TestPortFilter(t *testing.T) {
	prog := program(t,
		bpf.LoadAbsolute{Off: 12, Size: 2}, bpf.JumpIf{Cond: bpf.JumpEqual, Val: 0x0800, SkipFalse: 10},
		bpf.LoadAbsolute{Off: 23, Size: 1}, bpf.JumpIf{Cond: bpf.JumpEqual, Val: 6, SkipFalse: 8},
		bpf.LoadAbsolute{Off: 20, Size: 2}, bpf.JumpIf{Cond: bpf.JumpBitsSet, Val: 0x1fff, SkipTrue: 6},
		bpf.LoadMemShift{Off: 14},
		bpf.LoadIndirect{Off: 14, Size: 2}, bpf.JumpIf{Cond: bpf.JumpEqual, Val: 80, SkipTrue: 2},
		bpf.LoadIndirect{Off: 16, Size: 2}, bpf.JumpIf{Cond: bpf.JumpEqual, Val: 80, SkipFalse: 1},
		bpf.RetConstant{Val: 262144}, bpf.RetConstant{Val: 0})
	f := Filter{expr: "tcp port 80", prog: prog}
	base := func() []byte {
		b := make([]byte, 64)
		b[12], b[14], b[23] = 8, 0x46, 6 // a header of 24 bytes
		binary.BigEndian.PutUint16(b[38:], 40000)
		binary.BigEndian.PutUint16(b[40:], 80)
		return b
	}
	for name, c := range map[string]struct {
		change func([]byte) []byte
		want   bool
	}{
		"to port 80":          {func(b []byte) []byte { return b }, true},
		"from port 80":        {func(b []byte) []byte { b[38], b[39], b[40], b[41] = 0, 80, 1, 1; return b }, true},
		"other ports":         {func(b []byte) []byte { b[41] = 81; return b }, false},
		"UDP":                 {func(b []byte) []byte { b[23] = 17; return b }, false},
		"ARP":                 {func(b []byte) []byte { b[13] = 6; return b }, false},
		"later fragment":      {func(b []byte) []byte { b[21] = 1; return b }, false},
		"first fragment":      {func(b []byte) []byte { b[20] = 0x20; return b }, true},
		"cut before the port": {func(b []byte) []byte { return b[:41] }, false},
		"cut after the port":  {func(b []byte) []byte { return b[:42] }, true},
		"shorter header":      {func(b []byte) []byte { b[14] = 0x45; return b }, false},
	} {
		b := c.change(base())
		if got := f.Match(b, 1500); got != c.want {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}
