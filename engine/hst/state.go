package hst

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
)

// stateVersion is the first byte of a snapshot. It is followed by uvarints: the
// configuration (so that a snapshot is never restored into other trees), learned, windows,
// need; then for each leaf of each tree its reference mass and its count, with a run of n
// leaves that have neither written as 0, 0, n. The end is a CRC-32 of all, little endian.
const stateVersion = 1

// AppendState appends a snapshot of the learned state to dst. The structure of the trees is
// not part of it, because it follows from the configuration.
func (f *Forest) AppendState(dst []byte) []byte {
	from := len(dst)
	dst = append(dst, stateVersion)
	dst = f.cfg.appendKey(dst)
	for _, v := range []uint64{uint64(f.learned), f.windows, uint64(f.need)} {
		dst = binary.AppendUvarint(dst, v)
	}
	leaves := 1 << f.cfg.Depth
	for t := range f.cfg.Trees {
		mass := f.mass[t*(2*leaves-1)+leaves-1:][:leaves]
		count := f.count[t*leaves:][:leaves]
		for i := 0; i < leaves; {
			run := 0
			for i+run < leaves && mass[i+run]|count[i+run] == 0 {
				run++
			}
			if run > 0 {
				dst = binary.AppendUvarint(append(dst, 0, 0), uint64(run))
				i += run
				continue
			}
			dst = binary.AppendUvarint(dst, uint64(mass[i]))
			dst = binary.AppendUvarint(dst, uint64(count[i]))
			i++
		}
	}
	return binary.LittleEndian.AppendUint32(dst, crc32.ChecksumIEEE(dst[from:]))
}

// appendKey appends the fields that determine the structure and the meaning of masses.
func (c Config) appendKey(dst []byte) []byte {
	for _, v := range []uint64{uint64(c.Features), uint64(c.Trees), uint64(c.Depth), uint64(c.Window),
		uint64(c.SizeLimit * 1e6), uint64(c.Keep * 1e6), uint64(c.Mode), c.Seed} {
		dst = binary.AppendUvarint(dst, v)
	}
	return dst
}

var errState = errors.New("half-space trees: snapshot is corrupted")

// Restore replaces the learned state by the snapshot at the start of b and returns the rest
// of b. It fails if the snapshot is of another version or configuration, or is corrupted;
// the forest is then empty.
func (f *Forest) Restore(b []byte) (rest []byte, err error) {
	r := reader{b: b}
	f.Reset()
	if v := r.byte(); v != stateVersion {
		return b, fmt.Errorf("half-space trees: snapshot version %d, want %d", v, stateVersion)
	}
	for _, want := range f.cfg.appendKey(nil) {
		if r.byte() != want {
			return b, errors.New("half-space trees: snapshot has another configuration")
		}
	}
	f.learned, f.windows, f.need = int(r.uvarint(MaxWindow)), r.uvarint(1<<63), int(r.uvarint(MaxWindow))
	leaves := 1 << f.cfg.Depth
	for t := range f.cfg.Trees {
		r.leaves(f.mass[t*(2*leaves-1)+leaves-1:][:leaves], f.count[t*leaves:][:leaves])
	}
	n := len(b) - len(r.b)
	if r.bad || len(r.b) < 4 || crc32.ChecksumIEEE(b[:n]) != binary.LittleEndian.Uint32(r.b) {
		f.Reset()
		return b, errState
	}
	f.sum()
	return r.b[4:], nil
}

// Reset discards the learned state. The structure of the trees stays.
func (f *Forest) Reset() {
	clear(f.mass)
	clear(f.count)
	clear(f.value)
	f.learned, f.windows, f.need, f.refSize = 0, 0, f.cfg.FirstWindow, 0
}

// reader consumes numbers from the start of b. bad is set by the first error and stays set.
type reader struct {
	b   []byte
	bad bool
}

func (r *reader) byte() byte {
	if len(r.b) == 0 {
		r.bad = true
		return 0
	}
	v := r.b[0]
	r.b = r.b[1:]
	return v
}

func (r *reader) uvarint(limit uint64) uint64 {
	v, n := binary.Uvarint(r.b)
	if n <= 0 || v > limit {
		r.bad, r.b = true, nil
		return 0
	}
	r.b = r.b[n:]
	return v
}

func (r *reader) leaves(mass, count []uint32) {
	for i := 0; i < len(mass) && !r.bad; {
		m, c := uint32(r.uvarint(1<<31)), uint32(r.uvarint(MaxWindow))
		if m|c == 0 {
			run := r.uvarint(uint64(len(mass) - i))
			if run == 0 {
				r.bad = true
			}
			i += int(run)
			continue
		}
		mass[i], count[i] = m, c
		i++
	}
}
