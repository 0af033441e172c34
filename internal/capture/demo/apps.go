package demo

import (
	"encoding/binary"
	"fmt"
	"math"
	"math/rand/v2"
	"time"
)

const (
	ms = int64(time.Millisecond)
	s1 = int64(time.Second)
)

// heavy returns a log-normal size with the given median, at most limit.
func heavy(rng *rand.Rand, median, sigma float64, limit int) int {
	return max(1, min(limit, int(median*math.Exp(sigma*rng.NormFloat64()))))
}

// think returns an exponential pause with mean d, at most eight times d.
func think(rng *rand.Rand, d int64) int64 { return int64(min(rng.ExpFloat64(), 8) * float64(d)) }

// browse is a visit over TLS: a page and its resources.
func browse(rng *rand.Rand, p *pools, client, site *host) *session {
	script := tlsOpening(rng, p, site.name)
	for range 1 + rng.IntN(6) {
		script = tlsData(script, rng, p, true, think(rng, 250*ms), heavy(rng, 450, .5, 4000))
		script = tlsData(script, rng, p, false, think(rng, 20*ms), heavy(rng, 9000, 1.2, 400_000))
	}
	s := newSession(rng, client, site, 443, script)
	s.v6 = rng.IntN(5) == 0
	s.abort = rng.IntN(12) == 0
	return s
}

// fetch is a visit over plain HTTP.
func fetch(rng *rand.Rand, p *pools, client, site *host) *session {
	var script []message
	for range 1 + rng.IntN(4) {
		req := fmt.Sprintf("GET /%s/%d.html HTTP/1.1\r\nHost: %s\r\nUser-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0\r\nAccept: text/html,*/*\r\nAccept-Language: en\r\nConnection: keep-alive\r\n\r\n",
			words[rng.IntN(len(words))], rng.IntN(1000), site.name)
		n := heavy(rng, 6000, 1.1, 300_000)
		resp := fmt.Sprintf("HTTP/1.1 200 OK\r\nServer: nginx\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: %d\r\nConnection: keep-alive\r\n\r\n", n)
		up := whole(true, []byte(req))
		up.gap = think(rng, 300*ms)
		script = append(script, up, message{gap: think(rng, 15*ms), head: []byte(resp), n: len(resp) + n, pool: p.text, at: rng.IntN(poolSize)})
	}
	return newSession(rng, client, site, 80, script)
}

// smb2 is the head of an SMB2 message of n bytes, after the four bytes of its length
// (MS-SMB2 2.2.1).
func smb2(command uint16, reply bool, id uint64, n int) []byte {
	b := make([]byte, 68)
	b[2], b[3] = byte((n+64)>>8), byte(n+64)
	b[1] = byte((n + 64) >> 16)
	copy(b[4:], "\xfeSMB")
	b[8] = 64
	binary.LittleEndian.PutUint16(b[16:], command)
	if reply {
		b[20] = 1
	}
	binary.LittleEndian.PutUint64(b[28:], id)
	return b
}

// files is work on the file server: negotiate, log in, read or write documents.
func files(rng *rand.Rand, p *pools, client, server *host) *session {
	var script []message
	id := uint64(0)
	call := func(command uint16, up, down int, gap int64) {
		id++
		a, b := smb2(command, false, id, up), smb2(command, true, id, down)
		script = append(script, message{up: true, gap: gap, head: a, n: len(a) + up, pool: p.doc, at: rng.IntN(poolSize)},
			message{gap: think(rng, ms), head: b, n: len(b) + down, pool: p.doc, at: rng.IntN(poolSize)})
	}
	call(0, 180, 220, 0)
	call(1, 160, 300, 2*ms)
	call(1, 480, 40, 2*ms)
	call(3, 80, 16, ms)
	for range 1 + rng.IntN(3) {
		call(5, 150, 88, think(rng, 400*ms))
		for range 1 + rng.IntN(5) {
			if rng.IntN(5) == 0 {
				call(9, heavy(rng, 12000, .8, 60_000), 16, think(rng, 30*ms))
			} else {
				call(8, 49, heavy(rng, 20000, .8, 64_000), think(rng, 30*ms))
			}
		}
		call(6, 24, 60, think(rng, 50*ms))
	}
	return newSession(rng, client, server, 445, script)
}

// cipher appends an encrypted message of n bytes.
func cipher(script []message, rng *rand.Rand, p *pools, up bool, gap int64, n int) []message {
	return append(script, message{up: up, gap: gap, n: n, pool: p.noise, at: rng.IntN(poolSize)})
}

// shell is an administrator's log-in and some commands.
func shell(rng *rand.Rand, p *pools, client, server *host) *session {
	script := sshOpening(rng, "SSH-2.0-OpenSSH_9.9\r\n")
	script = cipher(script, rng, p, true, 2*ms, 68)
	script = cipher(script, rng, p, false, ms, 52)
	script = cipher(script, rng, p, true, think(rng, 100*ms), 500)
	script = cipher(script, rng, p, false, 8*ms, 36)
	for range 5 + rng.IntN(30) {
		script = cipher(script, rng, p, true, think(rng, 180*ms), 36)
		script = cipher(script, rng, p, false, 0, 36+16*rng.IntN(30))
	}
	return newSession(rng, client, server, 22, script)
}

// mail is a message handed to the mail server in clear text (RFC 5321).
func mail(rng *rand.Rand, p *pools, client, server *host) *session {
	line := func(up bool, text string) message {
		m := whole(up, []byte(text+"\r\n"))
		m.gap = think(rng, 6*ms)
		return m
	}
	n := heavy(rng, 5000, 1, 200_000)
	return newSession(rng, client, server, 25, []message{
		line(false, "220 mx.example.net ESMTP"), line(true, "EHLO "+client.name), line(false, "250-mx.example.net\r\n250 SIZE 52428800"),
		line(true, "MAIL FROM:<a@office.example>"), line(false, "250 2.1.0 Ok"), line(true, "RCPT TO:<b@example.net>"), line(false, "250 2.1.5 Ok"),
		line(true, "DATA"), line(false, "354 End data with <CR><LF>.<CR><LF>"),
		{up: true, gap: ms, head: []byte("Subject: report\r\n\r\n"), n: 19 + n, pool: p.text, at: rng.IntN(poolSize)},
		line(true, "\r\n."), line(false, "250 2.0.0 Ok: queued"), line(true, "QUIT"), line(false, "221 2.0.0 Bye"),
	})
}

// print is a job sent to the printer's raw port.
func printJob(rng *rand.Rand, p *pools, client, printer *host) *session {
	s := newSession(rng, client, printer, 9100, []message{
		{up: true, head: []byte("\x1b%-12345X@PJL JOB\r\n@PJL ENTER LANGUAGE=PCL\r\n"), n: heavy(rng, 60_000, .7, 600_000), pool: p.doc, at: rng.IntN(poolSize)},
		whole(false, []byte("@PJL USTATUS JOB\r\nEND\r\n")),
	})
	s.spacing = 250_000
	return s
}

// clock is a time request and its answer (RFC 5905).
func clock(rng *rand.Rand, p *pools, client, server *host) *exchange {
	req, resp := make([]byte, 48), make([]byte, 48)
	req[0], resp[0], resp[1] = 0x23, 0x24, 2
	copy(req[40:], random(rng, 8))
	copy(resp[24:32], req[40:])
	copy(resp[32:], p.noise[:16])
	e := newExchange(rng, client, server, 123, []message{whole(true, req), whole(false, resp)})
	return e
}

// ping is a few echoes, one a second.
func ping(rng *rand.Rand, client, target *host) *exchange {
	id := uint16(rng.Uint32())
	var script []message
	for i := range 2 + rng.IntN(3) {
		req := echo(true, id, uint16(i+1), pingData, 0, 32)
		if i > 0 {
			req.gap = s1
		}
		script = append(script, req, echo(false, id, uint16(i+1), pingData, 0, 32))
	}
	return &exchange{rng: rng, client: client, serv: target, proto: protoICMP, script: script}
}

// dhcp is a lease that is renewed (RFC 2131): request and acknowledgement.
func dhcp(rng *rand.Rand, n *network, client *host) *exchange {
	make := func(op, kind byte) message {
		b := make([]byte, 300)
		b[0], b[1], b[2] = op, 1, 6
		copy(b[4:], "\x39\x03\xf3\x26")
		ip := client.ip.As4()
		copy(b[12:], ip[:])
		copy(b[28:], client.mac[:])
		copy(b[236:], []byte{0x63, 0x82, 0x53, 0x63, 53, 1, kind, 51, 4, 0, 0, 0x0e, 0x10, 255})
		return whole(op == 1, b)
	}
	e := newExchange(rng, client, n.gateway, 67, []message{make(1, 3), make(2, 5)})
	e.cport = 68
	return e
}
