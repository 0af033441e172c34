package models

import (
	"fmt"
	"math"
)

// ConnID identifies a connection: a hash of its tuple, its tunnel and the time of
// its first packet, the same in every run over the same packets. Ids of connections that
// begin within the same second are close to each other. Zero means unknown.
type ConnID uint64

const base62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

// AppendText appends the text form, "C" and eleven base-62 digits, as Zeek's uids look.
func (c ConnID) AppendText(b []byte) ([]byte, error) {
	var d [11]byte
	for i := len(d) - 1; i >= 0; i-- {
		d[i] = base62[c%62]
		c /= 62
	}
	return append(append(b, 'C'), d[:]...), nil
}

// String returns the text form, "" for zero.
func (c ConnID) String() string {
	if c == 0 {
		return ""
	}
	b, _ := c.AppendText(make([]byte, 0, 12))
	return string(b)
}

// ParseConnID parses the text form that String returns.
func ParseConnID[T ~string | ~[]byte](s T) (ConnID, error) {
	if len(s) == 0 {
		return 0, nil
	}
	if len(s) != 12 || s[0] != 'C' {
		return 0, fmt.Errorf("connection id %.20q: want C and eleven base-62 digits", string(s))
	}
	var c ConnID
	for i := 1; i < len(s); i++ {
		var d ConnID
		switch ch := s[i]; {
		case ch >= '0' && ch <= '9':
			d = ConnID(ch - '0')
		case ch >= 'A' && ch <= 'Z':
			d = ConnID(ch-'A') + 10
		case ch >= 'a' && ch <= 'z':
			d = ConnID(ch-'a') + 36
		default:
			return 0, fmt.Errorf("connection id %.20q: %q is not a base-62 digit", string(s), ch)
		}
		if c > (math.MaxUint64-d)/62 { // eleven digits can express more than 64 bits
			return 0, fmt.Errorf("connection id %.20q: more than 64 bits", string(s))
		}
		c = c*62 + d
	}
	return c, nil
}

// Connection is a conversation between two endpoints; src is the originator. It is
// published at each change of state and at intervals; of the records with the same id, the
// one with the latest LastTS wins.
type Connection struct {
	ID          string    `json:"id" gorm:"column:id"`
	TS          Timestamp `json:"ts" gorm:"column:ts"`
	LastTS      Timestamp `json:"last_ts" gorm:"column:last_ts"`
	SrcIP       string    `json:"src_ip" gorm:"column:src_ip"`
	SrcPort     uint16    `json:"src_port" gorm:"column:src_port"`
	DstIP       string    `json:"dst_ip" gorm:"column:dst_ip"`
	DstPort     uint16    `json:"dst_port" gorm:"column:dst_port"`
	Proto       string    `json:"proto" gorm:"column:proto"`
	State       string    `json:"state" gorm:"column:state"`                     // Zeek's conn_state
	Phase       string    `json:"phase" gorm:"column:phase"`                     // new, active, idle, closed, expired
	History     string    `json:"history" gorm:"column:history"`                 // Zeek's history letters
	Service     string    `json:"service,omitempty" gorm:"column:service"`       // detected from the payload, "" if not recognized
	OrigPackets uint64    `json:"orig_packets" gorm:"column:orig_packets"`       //
	OrigBytes   uint64    `json:"orig_bytes" gorm:"column:orig_bytes"`           // payload; TCP: by sequence numbers
	OrigIPBytes uint64    `json:"orig_ip_bytes" gorm:"column:orig_ip_bytes"`     // with IP headers
	RespPackets uint64    `json:"resp_packets" gorm:"column:resp_packets"`       //
	RespBytes   uint64    `json:"resp_bytes" gorm:"column:resp_bytes"`           //
	RespIPBytes uint64    `json:"resp_ip_bytes" gorm:"column:resp_ip_bytes"`     //
	MissedBytes uint64    `json:"missed_bytes" gorm:"column:missed_bytes"`       // gaps in the sequence space
	Duration    float64   `json:"duration" gorm:"column:duration"`               // seconds from first to last packet
	Tunnel      string    `json:"tunnel,omitempty" gorm:"column:tunnel"`         // encapsulations, outermost first, joined by commas
	Parent      string    `json:"parent,omitempty" gorm:"column:parent"`         // id of the connection that carries this one in a tunnel
	VLAN        uint16    `json:"vlan,omitempty" gorm:"column:vlan"`             //
	InnerVLAN   uint16    `json:"inner_vlan,omitempty" gorm:"column:inner_vlan"` //
	Community   string    `json:"community_id,omitempty" gorm:"column:community_id"`
	SNI         string    `json:"server_name,omitempty" gorm:"column:server_name"`
	JA4         string    `json:"ja4,omitempty" gorm:"column:ja4"`
}

// TableName names the table for GORM.
func (Connection) TableName() string { return "connections" }
