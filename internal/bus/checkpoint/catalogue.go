package checkpoint

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/netlyra/netlyra/internal/models"
)

// catalogue lists a lane's checkpoints and the locations of their chunks. It is one record,
// written when all chunks are durable, so an incomplete checkpoint is in no catalogue, and
// each checkpoint can be read without the others.
type catalogue struct {
	Version int     `json:"version"`
	List    []entry `json:"checkpoints"` // the newest last

	left [maxKeyframes + 2]int // number of chunks of each slot on the topic; not encoded
}

const catalogueVersion = 1

// entry is one checkpoint. A slot is a set of keys that is reused.
type entry struct {
	models.CheckpointInfo
	Slot   int        `json:"slot"`
	Seq    uint64     `json:"seq"`
	Bytes  int        `json:"bytes"`          // of the whole state
	Body   int        `json:"body,omitempty"` // bytes of the state in each chunk; 0 = chunkBody
	Sum    uint32     `json:"sum"`
	Chunks []location `json:"chunks"`
}

// location is a record of the checkpoints topic.
type location struct {
	Partition int32 `json:"p"`
	Offset    int64 `json:"o"`
}

func headKey(k laneKey) []byte { return append(chunkPrefix(k), "head"...) }

func (c *catalogue) encode() ([]byte, error) {
	c.Version = catalogueVersion
	return json.Marshal(c)
}

// encodeWithin is encode limited to most bytes: it removes the oldest entries until the
// rest fits. The newest entry always remains.
func (c *catalogue) encodeWithin(most int) ([]byte, error) {
	for {
		b, err := c.encode()
		if err != nil || len(b) <= most || len(c.List) <= 1 {
			return b, err
		}
		c.take(0)
	}
}

// parseCatalogue decodes a catalogue and rejects values that later code could not handle.
func parseCatalogue(b []byte) (*catalogue, error) {
	c := &catalogue{}
	if err := json.Unmarshal(b, c); err != nil {
		return nil, fmt.Errorf("catalogue of checkpoints: %w", err)
	}
	if c.Version != catalogueVersion {
		return nil, fmt.Errorf("catalogue of checkpoints: version %d, this program reads version %d", c.Version, catalogueVersion)
	}
	for i := range c.List {
		e := &c.List[i]
		if e.Slot < 0 || e.Slot >= len(c.left) || e.Bytes < 0 || e.Bytes > MaxState || e.Body < 0 || len(e.Chunks) != e.chunks() {
			return nil, fmt.Errorf("catalogue of checkpoints: entry %d is invalid", i)
		}
	}
	c.sort()
	return c, nil
}

// sort sorts the entries by sequence number and counts the chunks of each slot.
func (c *catalogue) sort() {
	slices.SortFunc(c.List, func(a, b entry) int {
		if a.Seq < b.Seq {
			return -1
		}
		return 1
	})
	for _, e := range c.List {
		c.left[e.Slot] = max(c.left[e.Slot], len(e.Chunks))
	}
}

// clone returns a copy that can be modified while other goroutines read c.
func (c *catalogue) clone() *catalogue {
	d := *c
	d.List = slices.Clone(c.List)
	return &d
}

// seq returns the highest sequence number in use.
func (c *catalogue) seq() uint64 {
	if len(c.List) == 0 {
		return 0
	}
	return c.List[len(c.List)-1].Seq
}

// give returns a slot for the next checkpoint and removes the entry that it held. It never
// returns the slot of the newest, which must remain readable until the next one is. It
// prefers the slot of the checkpoint before the newest, unless that is a keyframe; then an
// unused slot, then the slot of the oldest.
func (c *catalogue) give(cfg Config) (slot int) {
	n := len(c.List)
	if n >= 3 && !cfg.apart(&c.List[n-3].CheckpointInfo, &c.List[n-2].CheckpointInfo) {
		return c.take(n - 2)
	}
	for len(c.List) > cfg.slots() { // fewer keyframes are configured than exist
		c.take(0)
	}
	used := make([]bool, len(c.left))
	for _, e := range c.List {
		used[e.Slot] = true
	}
	for slot := range cfg.slots() {
		if !used[slot] {
			return slot
		}
	}
	return c.take(0)
}

func (c *catalogue) take(i int) (slot int) {
	slot = c.List[i].Slot
	c.List = slices.Delete(c.List, i, i+1)
	return slot
}

// apart reports whether b is far enough from a, which is older, to keep both.
func (cfg *Config) apart(a, b *models.CheckpointInfo) bool {
	every := models.Timestamp(cfg.Every)
	return b.At-a.At >= every || b.EventTS-a.EventTS >= every ||
		cfg.Packets > 0 && b.Packets > a.Packets && b.Packets-a.Packets >= cfg.Packets
}
