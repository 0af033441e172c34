package models

// NameKind is the protocol message that a name was read from.
const (
	NameNone      uint8 = iota
	NameDNSQuery        // the first question of a DNS, mDNS or LLMNR query
	NameDNSAnswer       // the first question of a response, or its first answer if it repeats no question
	NameTLS             // the server name of a ClientHello over TCP or QUIC
	NameHTTP            // the host of an HTTP/1 request; a response has only a status
	NameKinds           // number of kinds
)

// NameFacts describes the name in a packet. Unless names are recorded in full, it has no text,
// but hashes and measurements of it (package names). The zero value means no name; an empty
// name, as of a hello without server name, has a kind and zero hashes.
type NameFacts struct {
	Kind      uint8  // NameDNSQuery…
	Len       uint8  // bytes of the name without the final dot, at most 255
	Labels    uint8  // labels of the name
	DomainLen uint8  // bytes of its registered domain
	Code      uint8  // DNS response code; 0 in queries
	Answers   uint8  // answers of a DNS response, at most 255
	Entropy   uint16 // Shannon entropy of the part left of the registered domain, without dots, hundredths of a bit per character, 0…800
	Type      uint16 // DNS: the query type; HTTP: the status of a response
	Hash      uint64 // of the lower-case name: FNV-1a, 64 bits; the same in all processes and versions
	Domain    uint64 // the same hash of the registered domain
	JA4       uint64 // the same hash of the JA4 fingerprint of a TLS client; 0 if none
	Text      string // the lower-case name, only if names are recorded in full
}

// nameKinds has the text of each kind, by its number.
var nameKinds = [NameKinds]string{"none", "dns_query", "dns_answer", "tls", "http"}

// NameKindText returns the text of a kind in JSON, such as dns_query.
func NameKindText(kind uint8) string {
	if kind >= NameKinds {
		return nameKinds[NameNone]
	}
	return nameKinds[kind]
}

// ParseNameKind parses a text that NameKindText returns for a kind other than NameNone.
func ParseNameKind[T ~string | ~[]byte](s T) (kind uint8, ok bool) {
	for kind = NameDNSQuery; kind < NameKinds; kind++ {
		if nameKinds[kind] == string(s) {
			return kind, true
		}
	}
	return NameNone, false
}
