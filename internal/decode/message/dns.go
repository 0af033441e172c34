package message

import "github.com/netlyra/netlyra/internal/models"

// Ports of DNS and of its multicast forms (RFC 6762, RFC 4795).
const (
	PortDNS   = 53
	PortMDNS  = 5353
	PortLLMNR = 5355
)

// dnsHeader is the length of the header of a DNS message.
const dnsHeader = 12

// ReadDNS parses a DNS message up to its first name, that of the first question, or of the
// first answer if it has no question. It fills the fields of f except those that depend on the
// name, and returns the name in text form in buf. ok is false, and f unchanged, if b is not
// DNS or ends within the name. Names that need decompression are not valid there: nothing
// precedes them.
func ReadDNS(b []byte, f *models.NameFacts, buf *NameBuffer) (name []byte, ok bool) {
	name, rest := readDNS(b, f, buf)
	return name, rest != nil
}

// readDNS returns what follows the name, nil if b is not DNS.
func readDNS(b []byte, f *models.NameFacts, buf *NameBuffer) (name, rest []byte) {
	const response, reserved, maxOpcode, maxQuestions = 0x80, 0x40, 6, 10
	if len(b) < dnsHeader {
		return nil, nil
	}
	questions, answers := be16(b[4:]), be16(b[6:])
	if b[2]>>3&15 > maxOpcode || b[3]&reserved != 0 || questions > maxQuestions || questions == 0 && answers == 0 {
		return nil, nil
	}
	name, n := dnsName(b[dnsHeader:], buf)
	if n == 0 {
		return nil, nil
	}
	f.Kind = models.NameDNSQuery
	if b[2]&response != 0 {
		f.Kind, f.Code, f.Answers = models.NameDNSAnswer, b[3]&15, uint8(min(answers, 255))
	}
	if rest = b[dnsHeader+n:]; len(rest) >= 2 {
		f.Type = be16(rest)
	}
	return name, rest
}

// maxName is the maximum length of a name in a message, in bytes (RFC 1035 section 2.3.4).
const maxName = 255

// NameBuffer is memory for the text of a name.
type NameBuffer = [maxName]byte

// dnsName writes the labels of an uncompressed name with dots between them to buf. n is
// its length in b, 0 if it is invalid or not complete.
func dnsName(b []byte, buf *NameBuffer) (name []byte, n int) {
	name = buf[:0]
	for n < len(b) && n < maxName {
		l := int(b[n])
		if l == 0 {
			return name, n + 1
		}
		if l > 63 || n+1+l > len(b) || n+1+l >= maxName {
			return nil, 0
		}
		if n > 0 {
			name = append(name, '.')
		}
		name = append(name, b[n+1:n+1+l]...)
		n += 1 + l
	}
	return nil, 0
}

// ReadDNSStream is ReadDNS for the beginning of a segment of TCP, with the length of the
// message before it. Segments that continue a message look like anything, so that the first
// question must be the only one and of a known class.
func ReadDNSStream(b []byte, f *models.NameFacts, buf *NameBuffer) (name []byte, ok bool) {
	const length = 2
	if len(b) < length+dnsHeader || be16(b) < dnsHeader {
		return nil, false
	}
	b = b[length:min(len(b), length+int(be16(b)))]
	if len(b) < dnsHeader || be16(b[4:]) != 1 {
		return nil, false
	}
	facts := *f
	name, rest := readDNS(b, &facts, buf)
	if rest == nil {
		return nil, false
	}
	if len(rest) >= 4 {
		switch be16(rest[2:]) {
		case 1, 3, 4, 255: // IN, CH, HS, any
		default:
			return nil, false
		}
	}
	*f = facts
	return name, true
}
