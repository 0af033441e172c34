package filter

import (
	"encoding/binary"
	"errors"
	"fmt"

	"golang.org/x/net/bpf"
)

// A virtual machine for classic BPF (S. McCanne, V. Jacobson, "The BSD Packet Filter",
// USENIX 1993) that runs programs compiled by libpcap. The VM of golang.org/x/net/bpf uses
// the captured length as the length on the wire, so "greater 1000" is false for truncated
// frames. Otherwise the two agree; a test compares them.

// Opcode parts.
const (
	opClass = 0x07
	opLD    = 0x00
	opLDX   = 0x01
	opST    = 0x02
	opSTX   = 0x03
	opALU   = 0x04
	opJMP   = 0x05
	opRET   = 0x06

	modeMask = 0xe0
	modeIMM  = 0x00
	modeABS  = 0x20
	modeIND  = 0x40
	modeMEM  = 0x60
	modeLEN  = 0x80
	modeMSH  = 0xa0

	srcX     = 0x08
	retA     = 0x10
	miscTXA  = 0x80
	scratch  = 16
	maxInstr = 65535 // limit of a socket; programs of libpcap are much shorter
)

// verify checks that run terminates and stays within its memory.
func verify(prog []bpf.RawInstruction) error {
	if len(prog) == 0 || len(prog) > maxInstr {
		return fmt.Errorf("%d instructions", len(prog))
	}
	for i, in := range prog {
		left := uint64(len(prog) - i - 1)
		switch in.Op & opClass {
		case opST, opSTX:
			if in.K >= scratch {
				return fmt.Errorf("instruction %d stores beyond the scratch memory", i)
			}
		case opLD, opLDX:
			if in.Op&modeMask == modeMEM && in.K >= scratch {
				return fmt.Errorf("instruction %d loads beyond the scratch memory", i)
			}
		case opJMP:
			if in.Op&0xf0 == 0 && uint64(in.K) >= left || in.Op&0xf0 != 0 && uint64(max(in.Jt, in.Jf)) >= left {
				return fmt.Errorf("instruction %d jumps beyond the end", i)
			}
		}
	}
	if prog[len(prog)-1].Op&opClass != opRET {
		return errors.New("the program does not end in a return")
	}
	return known(prog)
}

// known checks that every opcode is part of the original definition; implementations differ
// in the rest.
func known(prog []bpf.RawInstruction) error {
	ins, _ := bpf.Disassemble(prog)
	for i, in := range ins {
		if _, raw := in.(bpf.RawInstruction); raw {
			return fmt.Errorf("instruction %d has the unknown opcode %#x", i, prog[i].Op)
		}
		if again, err := in.Assemble(); err != nil || again.Op != prog[i].Op {
			return fmt.Errorf("instruction %d has the unknown opcode %#x", i, prog[i].Op)
		}
	}
	return nil
}

// run executes a verified program. A load beyond the frame rejects it, as in the kernel.
func run(prog []bpf.RawInstruction, pkt []byte, wireLen int) uint32 {
	var a, x uint32
	var mem [scratch]uint32
	for pc := 0; pc < len(prog); pc++ {
		in := &prog[pc]
		switch in.Op & opClass {
		case opLD:
			v, ok := load(in, pkt, x, uint32(wireLen), &mem)
			if !ok {
				return 0
			}
			a = v
		case opLDX:
			if in.Op&modeMask == modeMSH {
				if uint64(in.K) >= uint64(len(pkt)) {
					return 0
				}
				x = uint32(pkt[in.K]&0xf) << 2
				continue
			}
			v, ok := load(in, pkt, 0, uint32(wireLen), &mem)
			if !ok {
				return 0
			}
			x = v
		case opST:
			mem[in.K] = a
		case opSTX:
			mem[in.K] = x
		case opALU:
			operand := in.K
			if in.Op&srcX != 0 {
				operand = x
			}
			v, ok := alu(in.Op, a, operand)
			if !ok {
				return 0
			}
			a = v
		case opJMP:
			pc += jump(in, a, x)
		case opRET:
			if in.Op&0x18 == retA {
				return a
			}
			return in.K
		default: // TAX and TXA
			if in.Op&0xf8 == miscTXA {
				a = x
			} else {
				x = a
			}
		}
	}
	return 0
}

// load reads an operand; ok is false if it lies beyond the frame.
func load(in *bpf.RawInstruction, pkt []byte, x, wireLen uint32, mem *[scratch]uint32) (v uint32, ok bool) {
	off := uint64(in.K)
	switch in.Op & modeMask {
	case modeIMM:
		return in.K, true
	case modeMEM:
		return mem[in.K], true
	case modeLEN:
		return wireLen, true
	case modeIND:
		off += uint64(x)
	case modeABS:
	default:
		return 0, false
	}
	n := uint64(len(pkt))
	switch in.Op & 0x18 {
	case 0x00:
		if off+4 > n {
			return 0, false
		}
		return binary.BigEndian.Uint32(pkt[off:]), true
	case 0x08:
		if off+2 > n {
			return 0, false
		}
		return uint32(binary.BigEndian.Uint16(pkt[off:])), true
	case 0x10:
		if off >= n {
			return 0, false
		}
		return uint32(pkt[off]), true
	}
	return 0, false
}

// alu computes an arithmetic instruction; ok is false for a division by zero.
func alu(op uint16, a, b uint32) (v uint32, ok bool) {
	switch op & 0xf0 {
	case 0x00:
		return a + b, true
	case 0x10:
		return a - b, true
	case 0x20:
		return a * b, true
	case 0x30:
		if b == 0 {
			return 0, false
		}
		return a / b, true
	case 0x40:
		return a | b, true
	case 0x50:
		return a & b, true
	case 0x60:
		return a << b, true
	case 0x70:
		return a >> b, true
	case 0x80:
		return -a, true
	case 0x90:
		if b == 0 {
			return 0, false
		}
		return a % b, true
	case 0xa0:
		return a ^ b, true
	}
	return 0, false
}

// jump returns the number of instructions to skip.
func jump(in *bpf.RawInstruction, a, x uint32) int {
	b := in.K
	if in.Op&srcX != 0 {
		b = x
	}
	var taken bool
	switch in.Op & 0xf0 {
	case 0x00:
		return int(in.K)
	case 0x10:
		taken = a == b
	case 0x20:
		taken = a > b
	case 0x30:
		taken = a >= b
	case 0x40:
		taken = a&b != 0
	}
	if taken {
		return int(in.Jt)
	}
	return int(in.Jf)
}
