package checkpoint

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"strconv"
	"strings"

	"github.com/netlyra/netlyra/internal/models"
)

// A chunk's value is a header, little-endian, and a part of the state:
//
//	0  magic "NLCP"
//	4  version (2), then bytes of the state in each chunk, in three bytes; 0 = chunkBody
//	8  sequence number of the checkpoint
//	16 offset of the first packet that is not in the state
//	24 event time of the last packet in the state, nanoseconds
//	32 packets in the state
//	40 wall clock when it was saved, nanoseconds
//	48 length of the whole state
//	52 index of this chunk
//	56 CRC-32C of the whole state, the fields before the index included
//
// Its key is group/lane/slot.index, slot being a letter.
const (
	chunkHeader  = 60
	chunkBody    = 512<<10 - chunkHeader
	chunkVersion = 2
)

const chunkMagic = "NLCP"

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// leastBody is the minimum size of a chunk's part of a state, for topics that accept small
// records only.
const leastBody = 4 << 10

// body returns the size of each chunk's part of the state.
func (e *entry) body() int {
	if e.Body == 0 {
		return chunkBody
	}
	return max(e.Body, leastBody)
}

// chunks returns the number of chunks.
func (e *entry) chunks() int { return max((e.Bytes+e.body()-1)/e.body(), 1) }

func chunkPrefix(k laneKey) []byte {
	b := append([]byte(k.group), '/')
	return append(strconv.AppendInt(b, int64(k.lane), 10), '/')
}

func chunkKey(k laneKey, slot, index int) []byte {
	return strconv.AppendInt(append(chunkPrefix(k), 'a'+byte(slot), '.'), int64(index), 10)
}

// parseChunkKey parses a chunk's key without its prefix.
func parseChunkKey(rest string) (slot, index int, ok bool) {
	if len(rest) < 3 || rest[0] < 'a' || rest[0] >= 'a'+maxKeyframes+2 || rest[1] != '.' {
		return 0, 0, false
	}
	index, err := strconv.Atoi(rest[2:])
	return int(rest[0] - 'a'), index, err == nil && index >= 0 && index <= MaxState/leastBody+1
}

func stateSum(header, state []byte) uint32 {
	return crc32.Update(crc32.Checksum(header[8:52], castagnoli), castagnoli, state)
}

// header returns the header of the chunks, with index 0.
func (e *entry) header() (h [chunkHeader]byte) {
	copy(h[:], chunkMagic)
	h[4] = chunkVersion
	le := binary.LittleEndian
	h[5], h[6], h[7] = byte(e.Body), byte(e.Body>>8), byte(e.Body>>16)
	le.PutUint64(h[8:], e.Seq)
	le.PutUint64(h[16:], uint64(e.Offset))
	le.PutUint64(h[24:], uint64(e.EventTS))
	le.PutUint64(h[32:], e.Packets)
	le.PutUint64(h[40:], uint64(e.At))
	le.PutUint32(h[48:], uint32(e.Bytes))
	le.PutUint32(h[56:], e.Sum)
	return h
}

// parseChunk decodes the header of a chunk; the entry has neither slot nor locations.
func parseChunk(value []byte) (e entry, index int, err error) {
	if len(value) < chunkHeader || string(value[:4]) != chunkMagic {
		return e, 0, errNoChunk
	}
	le := binary.LittleEndian
	e.Seq = le.Uint64(value[8:])
	if value[4] != chunkVersion {
		return e, 0, fmt.Errorf("version %d, this program reads version %d", value[4], chunkVersion)
	}
	e.CheckpointInfo = models.CheckpointInfo{Offset: int64(le.Uint64(value[16:])), EventTS: models.Timestamp(le.Uint64(value[24:])),
		Packets: le.Uint64(value[32:]), At: models.Timestamp(le.Uint64(value[40:]))}
	e.Body = int(value[5]) | int(value[6])<<8 | int(value[7])<<16
	e.Bytes, e.Sum = int(le.Uint32(value[48:])), le.Uint32(value[56:])
	if e.Bytes > MaxState {
		return e, 0, fmt.Errorf("%d bytes, more than %d", e.Bytes, MaxState)
	}
	return e, int(le.Uint32(value[52:])), nil
}

var (
	errNoChunk  = errors.New("not a chunk of a checkpoint")
	errChecksum = errors.New("checksum does not match")
)

// split returns the values of the chunks of state and sets the entry's size and checksum.
func (e *entry) split(state []byte) [][]byte {
	e.Bytes = len(state)
	h := e.header()
	e.Sum = stateSum(h[:], state)
	h = e.header()
	chunks, body := make([][]byte, e.chunks()), e.body()
	for i := range chunks {
		binary.LittleEndian.PutUint32(h[52:], uint32(i))
		part := state[min(i*body, len(state)):min((i+1)*body, len(state))]
		chunks[i] = append(append(make([]byte, 0, chunkHeader+len(part)), h[:]...), part...)
	}
	return chunks
}

// join returns the state of the entry's chunks; a missing chunk is nil in values.
func (e *entry) join(values [][]byte) ([]byte, error) {
	state := make([]byte, 0, e.Bytes)
	for i, v := range values {
		if v == nil {
			return nil, fmt.Errorf("chunk %d of %d is missing", i, len(values))
		}
		got, index, err := parseChunk(v)
		switch {
		case err != nil:
			return nil, fmt.Errorf("chunk %d of %d: %w", i, len(values), err)
		case got.Seq != e.Seq || index != i:
			return nil, fmt.Errorf("chunk %d of %d was overwritten", i, len(values))
		case len(state)+len(v)-chunkHeader > e.Bytes:
			return nil, errChecksum
		}
		state = append(state, v[chunkHeader:]...)
	}
	h := e.header()
	if len(state) != e.Bytes || stateSum(h[:], state) != e.Sum {
		return nil, errChecksum
	}
	return state, nil
}

// assembly rebuilds a catalogue from the chunks when no catalogue is readable. It keeps the
// locations of chunks, not their contents.
type assembly struct {
	prefix string
	slots  [maxKeyframes + 2]slotParts
}

type slotParts struct {
	newest entry
	err    error // why the newest is unreadable
	parts  map[int]location
	seen   int // highest index on the topic, plus one
}

// add takes a record of the topic; it ignores those of other lanes.
func (a *assembly) add(key, value []byte, at location) {
	rest, ok := strings.CutPrefix(string(key), a.prefix)
	if !ok {
		return
	}
	slot, index, ok := parseChunkKey(rest)
	if !ok {
		return
	}
	s := &a.slots[slot]
	s.seen = max(s.seen, index+1)
	e, i, err := parseChunk(value)
	switch {
	case errors.Is(err, errNoChunk): // a tombstone, or another program's record
		delete(s.parts, index)
		return
	case e.Seq < s.newest.Seq || err == nil && i != index:
		return
	}
	if e.Seq > s.newest.Seq || s.parts == nil { // the previous content is overwritten
		*s = slotParts{newest: e, parts: map[int]location{}, seen: s.seen}
		s.newest.Slot = slot
	}
	if err != nil {
		s.err = err
		return
	}
	s.parts[index] = at
}

// catalogue returns the complete checkpoints, and the errors of the others.
func (a *assembly) catalogue() (c *catalogue, broken []*badCheckpoint) {
	c = &catalogue{}
	for slot := range a.slots {
		s := &a.slots[slot]
		c.left[slot] = s.seen
		if s.parts == nil {
			continue
		}
		e, err := s.newest, s.err
		for i := range e.chunks() {
			at, ok := s.parts[i]
			if !ok && err == nil {
				err = fmt.Errorf("chunk %d of %d is missing", i, e.chunks())
			}
			e.Chunks = append(e.Chunks, at)
		}
		if err != nil {
			broken = append(broken, &badCheckpoint{e, err})
			continue
		}
		c.List = append(c.List, e)
	}
	c.sort()
	return c, broken
}
