package conntrack

import (
	"github.com/netlyra/netlyra/internal/models"
	"github.com/netlyra/netlyra/memory"
)

// Eviction. When the table is full and a new connection begins, the connection that has been
// longest in the list of weak ones is evicted: connections that are not established
// (half-open, single packets, scans, floods), and closed ones that wait for late packets. An
// established connection is never evicted; if there are no others, the new one is not
// tracked. Both are counted.

// established reports whether both ends sent packets, and for TCP whether the originator
// sent more than its SYN, which a flood with spoofed addresses cannot.
func (c *conn) established() bool {
	if c.packets[orig] == 0 || c.packets[resp] == 0 {
		return false
	}
	return c.key.Proto != models.ProtoTCP || c.seen&(seenAck|seenData) != 0
}

// weaken adds a connection to the end of the list.
func (t *Table) weaken(ref uint32, c *conn) {
	if c.has(flagWeak) {
		return
	}
	c.flags |= flagWeak
	c.weakNext, c.weakPrev = 0, t.weakTail
	if t.weakTail != 0 {
		t.slab.conn(t.weakTail - 1).weakNext = ref + 1
	} else {
		t.weakHead = ref + 1
	}
	t.weakTail = ref + 1
}

// strengthen removes a connection from the list.
func (t *Table) strengthen(c *conn) {
	if !c.has(flagWeak) {
		return
	}
	c.flags &^= flagWeak
	if c.weakPrev != 0 {
		t.slab.conn(c.weakPrev - 1).weakNext = c.weakNext
	} else {
		t.weakHead = c.weakNext
	}
	if c.weakNext != 0 {
		t.slab.conn(c.weakNext - 1).weakPrev = c.weakPrev
	} else {
		t.weakTail = c.weakPrev
	}
}

// room makes room for one more connection, by eviction if needed, and reports whether there
// is.
func (t *Table) room() bool {
	if t.count < t.cfg.Connections {
		return true
	}
	if t.weakHead == 0 {
		t.stats.Refused++
		return false
	}
	t.stats.Evicted++
	t.end(t.weakHead-1, memory.ConnOnEvict)
	return true
}
