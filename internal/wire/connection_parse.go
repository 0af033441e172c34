package wire

import (
	"encoding/json"
	"strconv"
	"strings"

	"github.com/netlyra/netlyra/internal/models"
)

// ParseConnection parses one JSON object of netlyra.connections and overwrites c. It accepts
// what encoding/json accepts. The output of AppendConnection is parsed in one pass, with one
// allocation that all strings share. It does not keep b.
func ParseConnection(b []byte, c *models.Connection) error {
	if parseCanonicalConnection(string(b), c) {
		return nil
	}
	*c = models.Connection{}
	return json.Unmarshal(b, c)
}

// parseCanonical parses exactly the form that AppendConnection writes; false
// means another form, not that the input is invalid.
func parseCanonicalConnection(s string, c *models.Connection) bool {
	p := fields{s: s}
	*c = models.Connection{
		ID: p.text(`{"id":"`, true), TS: p.time(`,"ts":"`), LastTS: p.time(`,"last_ts":"`),
		SrcIP: p.text(`,"src_ip":"`, true), SrcPort: uint16(p.number(`,"src_port":`, 1<<16, true)),
		DstIP: p.text(`,"dst_ip":"`, true), DstPort: uint16(p.number(`,"dst_port":`, 1<<16, true)),
		Proto: p.text(`,"proto":"`, true), State: p.text(`,"state":"`, true), Phase: p.text(`,"phase":"`, true),
		History: p.text(`,"history":"`, true), Service: p.text(`,"service":"`, false),
		OrigPackets: p.number(`,"orig_packets":`, 0, true), OrigBytes: p.number(`,"orig_bytes":`, 0, true), OrigIPBytes: p.number(`,"orig_ip_bytes":`, 0, true),
		RespPackets: p.number(`,"resp_packets":`, 0, true), RespBytes: p.number(`,"resp_bytes":`, 0, true), RespIPBytes: p.number(`,"resp_ip_bytes":`, 0, true),
		MissedBytes: p.number(`,"missed_bytes":`, 0, true), Duration: p.float(`,"duration":`),
		Tunnel: p.text(`,"tunnel":"`, false), Parent: p.text(`,"parent":"`, false),
		VLAN: uint16(p.number(`,"vlan":`, 1<<16, false)), InnerVLAN: uint16(p.number(`,"inner_vlan":`, 1<<16, false)),
		Community: p.text(`,"community_id":"`, false), SNI: p.text(`,"server_name":"`, false), JA4: p.text(`,"ja4":"`, false),
	}
	return !p.bad && p.s == "}"
}

// fields parses an object whose fields have a fixed order; bad is set at the first
// unexpected one, after which all values are zero.
type fields struct {
	s   string // the rest of the input
	bad bool
}

// step skips name if it is next. A missing name that must be there sets bad.
func (p *fields) step(name string, must bool) bool {
	rest, ok := strings.CutPrefix(p.s, name)
	if ok {
		p.s = rest
	} else if must {
		p.bad = true
	}
	return ok && !p.bad
}

// text returns the plain text up to the next quotation mark.
func (p *fields) text(name string, must bool) string {
	if !p.step(name, must) {
		return ""
	}
	for i := 0; i < len(p.s); i++ {
		switch ch := p.s[i]; {
		case ch == '"':
			v := p.s[:i]
			p.s = p.s[i+1:]
			return v
		case ch < ' ' || ch > '~' || ch == '\\':
			p.bad = true
			return ""
		}
	}
	p.bad = true
	return ""
}

func (p *fields) time(name string) models.Timestamp {
	t, err := models.ParseTimestamp(p.text(name, true))
	if err != nil {
		p.bad = true
	}
	return t
}

// token returns the input up to the next comma or brace.
func (p *fields) token() string {
	i := strings.IndexAny(p.s, ",}")
	if i < 0 {
		p.bad = true
		return ""
	}
	v := p.s[:i]
	p.s = p.s[i:]
	return v
}

// number returns a whole number, which must be less than limit unless that is 0.
func (p *fields) number(name string, limit uint64, must bool) uint64 {
	if !p.step(name, must) {
		return 0
	}
	t := p.token()
	n, err := strconv.ParseUint(t, 10, 64)
	if err != nil || len(t) > 1 && t[0] == '0' || limit != 0 && n >= limit {
		p.bad = true
	}
	return n
}

// float returns a JSON number. ParseFloat accepts more forms than JSON allows; those are
// rejected.
func (p *fields) float(name string) float64 {
	if !p.step(name, true) {
		return 0
	}
	t := p.token()
	v, err := strconv.ParseFloat(t, 64)
	if err != nil || strings.Trim(t, "0123456789.") != "" || t[0] == '.' || t[len(t)-1] == '.' || len(t) > 1 && t[0] == '0' && t[1] != '.' {
		p.bad = true
	}
	return v
}
