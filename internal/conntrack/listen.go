package conntrack

import (
	"github.com/netlyra/netlyra/internal/conntrack/service"
	"github.com/netlyra/netlyra/internal/models"
)

// What a connection says of itself: its service, and the server's name and the client's
// fingerprint where it is TLS or QUIC. Hellos that come in pieces wait in a table of
// their own, which is small: they are complete after a few packets, or never.

const (
	maxPending      = 4096
	maxPendingLooks = 6    // packets that a hello may come in
	maxCommand      = 100  // letters of an FTP command, as Zeek's FTP::max_command_length
	noCommand       = 1023 // of cold.command: the line's first word is over
)

// pending is a hello that is not complete.
type pending struct {
	stream []byte
	quic   service.QUICHello
	looks  int
}

// heard is what was read from a hello.
type heard struct{ sni, ja4 string }

// namePool keeps what was heard, by number from 1, and uses places again.
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

// listen looks at a payload while the connection may still say something new.
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

// hello reads a ClientHello, or a piece of one.
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
	} else if more && t.wait(ref, p, stream) {
		return
	}
	delete(t.pending, ref)
	c.flags = c.flags&^flagHello | flagHeard
}

// wait keeps what was read so far and reports whether it is worth to go on.
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

// ftpCommands watches the lines of an FTP client. One whose command is too long to be
// one is not understood, and that the record is partial from there on is noted by X.
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
