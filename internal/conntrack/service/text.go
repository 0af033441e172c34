package service

// text detects line-based protocols.
func (s *State) text(p *Payload) ID {
	b := p.Data
	switch {
	case has(b, "SSH-"):
		return SSH
	case has(b, "HTTP/1.") || has(b, "HTTP/0.") || p.FromOrig && httpRequest(b) || has(b, "PRI * HTTP/2.0"):
		return HTTP
	case has(b, "RFB 00") && len(b) >= 12 && b[11] == '\n':
		return RFB
	case sip(b):
		return SIP
	case redis(b, p.FromOrig):
		return Redis
	case has(b, "220 ") || has(b, "220-"):
		s.setHint(hint220)
		if mentions(b, "SMTP") {
			return SMTP
		}
		if mentions(b, "FTP") {
			return FTP
		}
	case has(b, "+OK"):
		s.setHint(hintPOP3)
		if mentions(b, "POP") {
			return POP3
		}
	case has(b, "* OK"):
		s.setHint(hintIMAP)
		if mentions(b, "IMAP") {
			return IMAP
		}
	case p.FromOrig:
		return s.command(b, p.RespPort)
	}
	return None
}

// command detects the protocol of a client's line, given an ambiguous greeting of the server.
func (s *State) command(b []byte, port uint16) ID {
	smtp := upperHas(b, "EHLO") || upperHas(b, "HELO") || upperHas(b, "LHLO")
	user := upperHas(b, "USER ")
	switch {
	case smtp:
		return SMTP
	case s.hint() == hint220 && (user || upperHas(b, "AUTH ") || upperHas(b, "FEAT") || upperHas(b, "SYST") || upperHas(b, "QUIT") || upperHas(b, "OPTS ")):
		return FTP
	case s.hint() == hintPOP3 && (user || upperHas(b, "CAPA") || upperHas(b, "APOP ") || upperHas(b, "STLS") || upperHas(b, "AUTH") || upperHas(b, "QUIT")):
		return POP3
	case s.hint() == hintIMAP:
		return IMAP
	case user && port == 110 || upperHas(b, "APOP "):
		return POP3
	case user && (port == 21 || port == 2811):
		return FTP
	case upperHas(b, "NICK ") || user && mentions(b, " :"):
		return IRC
	}
	return None
}

var httpMethods = [...]string{"GET ", "POST ", "HEAD ", "PUT ", "DELETE ", "OPTIONS ", "CONNECT ", "TRACE ", "PATCH ", "PROPFIND ", "REPORT ", "SEARCH ", "M-SEARCH ", "NOTIFY "}

// httpRequest reports a request line (RFC 9112 section 3), complete or truncated.
func httpRequest(b []byte) bool {
	for _, m := range httpMethods {
		if !has(b, m) {
			continue
		}
		b = b[len(m):]
		if len(b) == 0 {
			return false
		}
		for i, ch := range b {
			switch {
			case ch == '\n':
				return i >= 9 && mentions(b[:i], " HTTP/") || i == 1 || b[0] == '/'
			case ch < ' ' && ch != '\r':
				return false
			}
		}
		return b[0] == '/' || b[0] == '*' || has(b, "http")
	}
	return false
}

var sipMethods = [...]string{"INVITE sip", "REGISTER sip", "OPTIONS sip", "ACK sip", "BYE sip", "CANCEL sip", "SUBSCRIBE sip", "NOTIFY sip", "MESSAGE sip", "SIP/2.0 "}

func sip(b []byte) bool {
	for _, m := range sipMethods {
		if has(b, m) {
			return true
		}
	}
	return false
}

// redis reports an array of bulk strings, as clients send it (Redis serialization protocol).
func redis(b []byte, fromOrig bool) bool {
	if !fromOrig || len(b) < 8 || b[0] != '*' || b[1] < '1' || b[1] > '9' {
		return false
	}
	i := 2
	for i < len(b) && i < 6 && b[i] >= '0' && b[i] <= '9' {
		i++
	}
	return i+3 < len(b) && b[i] == '\r' && b[i+1] == '\n' && b[i+2] == '$' && b[i+3] >= '0' && b[i+3] <= '9'
}

// upperHas is has for an upper-case s and any case of b.
func upperHas(b []byte, s string) bool {
	if len(b) < len(s) {
		return false
	}
	for i := range len(s) {
		ch := b[i]
		if ch >= 'a' && ch <= 'z' {
			ch -= 'a' - 'A'
		}
		if ch != s[i] {
			return false
		}
	}
	return true
}

// mentions reports whether the first line of b has s, upper case, in any case.
func mentions(b []byte, s string) bool {
	for i := range b {
		if b[i] == '\n' || i > 256 {
			return false
		}
		if upperHas(b[i:], s) {
			return true
		}
	}
	return false
}
