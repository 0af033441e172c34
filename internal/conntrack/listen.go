package conntrack

import (
	"github.com/netlyra/netlyra/internal/conntrack/service"
	"github.com/netlyra/netlyra/internal/models"
	"github.com/netlyra/netlyra/internal/models/names"
)

// Detection of the service, and of server name and client fingerprint for TLS and QUIC.
// Hellos that span several packets are buffered in a small table; they are complete after a
// few packets or never.

const (
	maxPending      = 4096
	maxPendingLooks = 6    // maximum number of packets of a hello
	maxCommand      = 100  // letters of an FTP command, as Zeek's FTP::max_command_length
	noCommand       = 1023 // of cold.command: the line's first word is over
)

// pending is an incomplete hello.
type pending struct {
	stream []byte
	quic   service.QUICHello
	looks  int
}

// heard is the result of a hello.
type heard struct{ sni, ja4 string }

// namePool stores results of hellos by index from 1 and reuses free entries.
type namePool struct {
	all  []heard
	free []uint32
}

func (p *namePool) take(h heard) uint32 {
	if n := len(p.free); n > 0 {
		i := p.free[n-1]
		p.free = p.free[:n-1]
		p.all[i-1] = h
		return i
	}
	p.all = append(p.all, h)
	return uint32(len(p.all))
}

func (p *namePool) give(i uint32) {
	if i != 0 {
		p.all[i-1] = heard{}
		p.free = append(p.free, i)
	}
}

// listen examines a payload while the service or the hello of the connection is unknown.
func (t *Table) listen(ref uint32, c *conn, from int, l *models.Layer) {
	k := t.slab.coldOf(ref)
	switch {
	case k.service.ID == service.FTP:
		if from == orig {
			t.ftpCommands(ref, c, k, l.Payload)
		}
		return
	case c.has(flagHello):
		t.hello(ref, c, k, l)
		return
	}
	found := k.service.Look(&service.Payload{
		UDP: l.Proto == models.ProtoUDP, FromOrig: from == orig,
		OrigPort: c.origPort(), RespPort: c.respPort(), Data: l.Payload,
	})
	if found && (k.service.ID == service.SSH || k.service.ID == service.FTP) && l.Proto == models.ProtoTCP {
		c.flags |= flagInteractive
	}
	switch {
	case found && (k.service.ID == service.SSL || k.service.ID == service.QUIC):
		c.flags |= flagHello
		t.hello(ref, c, k, l)
	case found && k.service.ID == service.FTP:
		if from == orig {
			t.ftpCommands(ref, c, k, l.Payload)
		}
	case k.service.Done():
		c.flags |= flagHeard
	}
}

// hello parses a ClientHello or a part of one.
func (t *Table) hello(ref uint32, c *conn, k *cold, l *models.Layer) {
	p := t.pending[ref]
	stream := l.Payload
	if p != nil && k.service.ID == service.SSL {
		p.stream = append(p.stream, stream[:min(len(stream), service.MaxHello-len(p.stream))]...)
		stream = p.stream
	}
	var h service.Hello
	var ok, more bool
	if k.service.ID == service.SSL {
		h, ok, more = service.ReadHello(stream)
	} else {
		if p == nil {
			p = &pending{}
		}
		h, ok, more = p.quic.Read(l.Payload)
	}
	if ok {
		k.heard = t.names.take(heard{h.SNI, h.JA4})
		t.describe(h)
	} else if more && t.wait(ref, p, stream) {
		return
	}
	delete(t.pending, ref)
	c.flags = c.flags&^flagHello | flagHeard
}

// describe sets the facts of the current packet from its hello.
func (t *Table) describe(h service.Hello) {
	if t.cfg.Names == names.Off {
		return
	}
	t.heard = models.NameFacts{Kind: models.NameTLS}
	if h.JA4 != "" {
		t.heard.JA4 = names.Hash(h.JA4)
	}
	t.cfg.Names.Describe(&t.heard, []byte(h.SNI))
}

// wait buffers a partial hello and reports whether to continue.
func (t *Table) wait(ref uint32, p *pending, stream []byte) bool {
	switch {
	case t.pending[ref] != nil:
		p.looks++
		return p.looks < maxPendingLooks && len(p.stream) < service.MaxHello
	case len(t.pending) >= maxPending:
		return false
	case p == nil:
		p = &pending{stream: append([]byte(nil), stream...)}
	}
	t.pending[ref] = p
	return true
}

// ftpCommands examines the lines of an FTP client. A command that is too long is recorded as
// X in the history: analysis is partial from there on, as in Zeek.
func (t *Table) ftpCommands(ref uint32, c *conn, k *cold, b []byte) {
	for _, ch := range b {
		switch {
		case ch == '\n':
			if k.command > maxCommand && k.command != noCommand && c.seen&seenLimit == 0 {
				c.seen |= seenLimit
				t.letter(ref, c, 'X', orig)
			}
			k.command = 0
		case k.command == noCommand || ch == '\r':
		case ch <= ' ' || ch >= 0x7f:
			if k.command > 0 || ch != ' ' {
				if k.command > maxCommand && ch == ' ' && c.seen&seenLimit == 0 {
					c.seen |= seenLimit
					t.letter(ref, c, 'X', orig)
				}
				k.command = noCommand
			}
		case k.command < noCommand-1:
			k.command++
		}
	}
}
