package bus

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"strconv"
	"strings"
)

// A chunk's value is a header and a part of the state, little-endian:
//
//	0  magic "NLCP"
//	4  version (1), then three bytes 0
//	8  sequence number of the checkpoint
//	16 offset that the state stands for
//	24 length of the whole state
//	28 index of this chunk
//	32 CRC-32C of the whole state, the four fields before included
//
// Its key is group/partition/slot.index, slot being a or b in turn.
const (
	chunkHeader  = 36
	chunkBody    = 512<<10 - chunkHeader
	chunkVersion = 1
)

const chunkMagic = "NLCP"

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

type checkpoint struct {
	slot   int
	offset int64
	state  []byte
}

func chunksOf(n int) int { return max((n+chunkBody-1)/chunkBody, 1) }

func chunkPrefix(k checkpointKey) []byte {
	b := append([]byte(k.group), '/')
	return append(strconv.AppendInt(b, int64(k.partition), 10), '/')
}

func chunkKey(k checkpointKey, slot, index int) []byte {
	return strconv.AppendInt(append(chunkPrefix(k), 'a'+byte(slot), '.'), int64(index), 10)
}

func stateSum(header, state []byte) uint32 {
	return crc32.Update(crc32.Checksum(header[8:28], castagnoli), castagnoli, state)
}

// splitCheckpoint makes the values of the chunks, copies of state.
func splitCheckpoint(seq uint64, offset int64, state []byte) [][]byte {
	var h [chunkHeader]byte
	copy(h[:], chunkMagic)
	h[4] = chunkVersion
	binary.LittleEndian.PutUint64(h[8:], seq)
	binary.LittleEndian.PutUint64(h[16:], uint64(offset))
	binary.LittleEndian.PutUint32(h[24:], uint32(len(state)))
	binary.LittleEndian.PutUint32(h[32:], stateSum(h[:], state))
	chunks := make([][]byte, chunksOf(len(state)))
	for i := range chunks {
		binary.LittleEndian.PutUint32(h[28:], uint32(i))
		part := state[min(i*chunkBody, len(state)):min((i+1)*chunkBody, len(state))]
		chunks[i] = append(append(make([]byte, 0, chunkHeader+len(part)), h[:]...), part...)
	}
	return chunks
}

// assembly puts the chunks of one partition together. It keeps at most one state for
// each slot.
type assembly struct {
	prefix string
	slots  [2]slotParts
}

type slotParts struct {
	seq    uint64
	header []byte // of the first chunk seen
	parts  map[int][]byte
	seen   int // highest index on the topic, plus one
	bytes  int
}

// add takes a record of the topic; those of other partitions are passed over.
func (a *assembly) add(key, value []byte) {
	rest, ok := strings.CutPrefix(string(key), a.prefix)
	if !ok || len(rest) < 3 || rest[0] != 'a' && rest[0] != 'b' || rest[1] != '.' {
		return
	}
	index, err := strconv.Atoi(rest[2:])
	if err != nil || index < 0 || index > MaxCheckpoint/chunkBody+1 {
		return
	}
	s := &a.slots[rest[0]-'a']
	s.seen = max(s.seen, index+1)
	if len(value) < chunkHeader || string(value[:4]) != chunkMagic {
		return // deleted, or not ours
	}
	seq := binary.LittleEndian.Uint64(value[8:])
	if seq < s.seq || s.bytes+len(value) > MaxCheckpoint+1<<20 && seq == s.seq {
		return
	}
	if seq > s.seq || s.parts == nil { // what was here before is overwritten
		*s = slotParts{seq: seq, header: append([]byte(nil), value[:chunkHeader]...), parts: map[int][]byte{}, seen: s.seen}
	}
	part := append([]byte(nil), value[chunkHeader:]...)
	s.bytes += len(part) - len(s.parts[index])
	s.parts[index] = part
}

// best is the checkpoint with the highest number that is whole, and what is wrong
// with the others.
func (a *assembly) best() (best *checkpoint, broken []error) {
	var number uint64
	for i := range a.slots {
		s := &a.slots[i]
		if s.parts == nil {
			continue
		}
		c, err := s.join()
		switch {
		case err != nil:
			broken = append(broken, fmt.Errorf("checkpoint %d: %w", s.seq, err))
		case best == nil || s.seq > number:
			c.slot = i
			best, number = c, s.seq
		}
	}
	return best, broken
}

func (s *slotParts) join() (*checkpoint, error) {
	h := s.header
	if h[4] != chunkVersion {
		return nil, fmt.Errorf("version %d, this program reads version %d", h[4], chunkVersion)
	}
	length := int(binary.LittleEndian.Uint32(h[24:]))
	if length > MaxCheckpoint {
		return nil, fmt.Errorf("%d bytes, more than %d", length, MaxCheckpoint)
	}
	var state []byte
	for i := range chunksOf(length) {
		part, ok := s.parts[i]
		if !ok {
			return nil, fmt.Errorf("chunk %d of %d is missing", i, chunksOf(length))
		}
		state = append(state, part...)
	}
	if len(state) != length || stateSum(h, state) != binary.LittleEndian.Uint32(h[32:]) {
		return nil, errors.New("checksum does not match")
	}
	return &checkpoint{offset: int64(binary.LittleEndian.Uint64(h[16:])), state: state}, nil
}

// place is what a writer must know to go on.
func (a *assembly) place(best *checkpoint) place {
	p := place{seq: max(a.slots[0].seq, a.slots[1].seq, 1)}
	if best != nil {
		p.good = best.slot
	}
	p.chunks = [2]int{a.slots[0].seen, a.slots[1].seen}
	return p
}
