package service

// State is the state of the service detection of one connection.
type State struct {
	ID   ID    // None until recognized
	seen uint8 // low half: payloads looked at; high half: hint…, if the first payload was ambiguous
}

// maxLooks is the number of payloads after which the detection stops.
const maxLooks = 8

// Ambiguous first payloads, which the payload of the other end resolves.
const (
	hint220   = iota + 1 // "220": a greeting of SMTP and of FTP
	hintPOP3             // "+OK"
	hintIMAP             // "* OK"
	hintMySQL            // a greeting that looks like MySQL's
)

// Payload is the payload of one packet.
type Payload struct {
	UDP      bool
	FromOrig bool
	RespPort uint16
	OrigPort uint16
	Data     []byte
}

// Done reports whether the detection has finished.
func (s *State) Done() bool { return s.ID != None || s.seen&15 >= maxLooks }

func (s *State) hint() uint8     { return s.seen >> 4 }
func (s *State) setHint(h uint8) { s.seen = s.seen&15 | h<<4 }

// Known sets a service that was detected by other means.
func (s *State) Known(id ID) { s.ID = id }

// Look examines one more payload and reports whether it determined the service.
func (s *State) Look(p *Payload) bool {
	if s.Done() || len(p.Data) == 0 {
		return false
	}
	s.seen++
	if p.UDP {
		s.ID = datagram(p)
	} else {
		s.ID = s.stream(p)
	}
	return s.ID != None
}

// stream recognizes protocols over TCP.
func (s *State) stream(p *Payload) ID {
	b := p.Data
	if id := s.text(p); id != None {
		return id
	}
	switch {
	case tlsRecord(b):
		return SSL
	case smb(b):
		return SMB
	case tpkt(b):
		return RDP
	case dnp3(b):
		return DNP3
	case mqtt(b, p.FromOrig):
		return MQTT
	case ldap(b):
		return LDAP
	case kerberosTCP(b):
		return Kerberos
	case s.mysql(p):
		return MySQL
	case postgres(b, p.FromOrig):
		return PostgreSQL
	case modbus(b, p):
		return Modbus
	case dceRPC(b):
		return DCERPC
	case dnsTCP(b, p):
		return DNS
	case socks(b, p):
		return SOCKS
	}
	return None
}

func be16(b []byte) int { return int(b[0])<<8 | int(b[1]) }
func le16(b []byte) int { return int(b[1])<<8 | int(b[0]) }

func be32(b []byte) uint32 {
	return uint32(b[0])<<24 | uint32(b[1])<<16 | uint32(b[2])<<8 | uint32(b[3])
}

// has reports whether b begins with s.
func has(b []byte, s string) bool { return len(b) >= len(s) && string(b[:len(s)]) == s }
