package row

import (
	"math"
	"net/netip"
	"slices"
	"strings"

	"github.com/netlyra/netlyra/internal/models"
)

// GORM reads rows into the structs of this file and writes none (see dbfile). Every
// column is named, and no field has a name or type to which GORM attaches a convention:
// WrittenAt is the column updated_at, because GORM would fill a field named UpdatedAt by
// itself, in seconds. A test checks all models against the list of conventions.

// Models returns the structs that GORM reads.
func Models() []any { return []any{&Alert{}, &Connection{}, &Triage{}} }

// Alert is a row of alerts as it is read.
type Alert struct {
	Seq              int64 `gorm:"column:seq;primaryKey;autoIncrement:false"` // order of first insertion; breaks ties in every order
	models.AlertView `gorm:"embedded"`
	SeverityRank     int              `gorm:"column:severity_rank"`
	SrcKey           []byte           `gorm:"column:src_key"`
	DstKey           []byte           `gorm:"column:dst_key"`
	InsertedAt       models.Timestamp `gorm:"column:inserted_at"` // wall clock
	WrittenAt        models.Timestamp `gorm:"column:updated_at"`  // wall clock: last written, by a record or by a person
}

// TableName implements schema.Tabler.
func (Alert) TableName() string { return "alerts" }

// Connection is a row of connections as it is read.
type Connection struct {
	Seq               int64 `gorm:"column:seq;primaryKey;autoIncrement:false"`
	models.Connection `gorm:"embedded"`
	PhaseRank         int              `gorm:"column:phase_rank"`
	Open              bool             `gorm:"column:open"` // new, active or idle
	SrcKey            []byte           `gorm:"column:src_key"`
	DstKey            []byte           `gorm:"column:dst_key"`
	InsertedAt        models.Timestamp `gorm:"column:inserted_at"`
	WrittenAt         models.Timestamp `gorm:"column:updated_at"`
}

// TableName implements schema.Tabler.
func (Connection) TableName() string { return "connections" }

// Triage is one change that a person made to an alert.
type Triage struct {
	ID       int64              `gorm:"column:id;primaryKey;autoIncrement:false"`
	AlertSeq int64              `gorm:"column:alert_seq"`
	At       models.Timestamp   `gorm:"column:at"`
	From     models.TriageState `gorm:"column:from_state"`
	State    models.TriageState `gorm:"column:state"`
	Note     string             `gorm:"column:note"`
	Author   string             `gorm:"column:author"`
}

// TableName implements schema.Tabler.
func (Triage) TableName() string { return "alert_triage" }

var (
	severities = []models.Severity{models.SeverityLow, models.SeverityMedium, models.SeverityHigh, models.SeverityCritical}
	// phases in the order in which a connection passes through them. An idle connection
	// becomes active again only with a packet, and so with a later last_ts.
	phases = []string{"new", "active", "idle", "closed", "expired"}
)

// SeverityRank returns 1 (low) to 4 (critical), and 0 for an unknown severity.
func SeverityRank(s models.Severity) int { return slices.Index(severities, s) + 1 }

// PhaseRank returns 1 (new) to 5 (expired), and 0 for an unknown phase.
func PhaseRank(p string) int { return slices.Index(phases, p) + 1 }

// IsOpen reports whether a connection in this phase is open. An unknown phase is open.
func IsOpen(p string) bool { return p != "closed" && p != "expired" }

// addrKey returns the address as 16 bytes, IPv4 as ::ffff:a.b.c.d, so that the addresses
// of a prefix form one range. It is empty for invalid addresses.
func addrKey(ip string) []byte {
	a, err := netip.ParseAddr(ip)
	if err != nil {
		return []byte{}
	}
	k := a.As16()
	return k[:]
}

// count64 limits n to the range of SQLite's signed integer.
func count64(n uint64) int64 { return int64(min(n, math.MaxInt64)) }

// AlertColumns lists the columns that a record sets, in the order of AppendAlert. State
// and note are absent, because only people change them.
var AlertColumns = []string{
	"id", "ts", "last_ts", "src_ip", "dst_ip", "src_port", "dst_port", "proto", "score", "threshold", "severity", "count",
	"kind", "technique", "scale", "summary", "conn", "severity_rank", "src_key", "dst_key", "updated_at",
	"features", "reasons", "counterfactual", "evidence", "recurrence", "model", "inserted_at",
}

// AppendAlert appends the values of AlertColumns to v.
func AppendAlert(v []any, a *models.Alert, now models.Timestamp) []any {
	return append(v, a.ID, a.TS, a.LastTS, a.SrcIP, a.DstIP, int64(a.SrcPort), int64(a.DstPort), a.Proto,
		a.Score, a.Threshold, string(a.Severity), count64(a.Count), a.Kind, a.Technique, a.Scale, a.Summary, a.Conn,
		int64(SeverityRank(a.Severity)), addrKey(a.SrcIP), addrKey(a.DstIP), now,
		featuresJSON(a.Features), reasonsJSON(a.Reasons), counterfactualJSON(a.Counterfactual),
		evidenceJSON(a.Evidence), recurrenceJSON(a.Recurrence), modelJSON(a.Model), now)
}

// ConnectionColumns lists the columns in the order of AppendConnection.
var ConnectionColumns = []string{
	"id", "ts", "last_ts", "src_ip", "src_port", "dst_ip", "dst_port", "proto", "state", "phase", "history", "service",
	"orig_packets", "orig_bytes", "orig_ip_bytes", "resp_packets", "resp_bytes", "resp_ip_bytes", "missed_bytes", "duration",
	"tunnel", "parent", "vlan", "inner_vlan", "community_id", "server_name", "ja4",
	"phase_rank", "open", "src_key", "dst_key", "updated_at", "inserted_at",
}

// AppendConnection appends the values of ConnectionColumns to v.
func AppendConnection(v []any, c *models.Connection, now models.Timestamp) []any {
	return append(v, c.ID, c.TS, c.LastTS, c.SrcIP, int64(c.SrcPort), c.DstIP, int64(c.DstPort), c.Proto,
		c.State, c.Phase, c.History, c.Service,
		count64(c.OrigPackets), count64(c.OrigBytes), count64(c.OrigIPBytes),
		count64(c.RespPackets), count64(c.RespBytes), count64(c.RespIPBytes), count64(c.MissedBytes), c.Duration,
		c.Tunnel, c.Parent, int64(c.VLAN), int64(c.InnerVLAN), c.Community, c.SNI, c.JA4,
		int64(PhaseRank(c.Phase)), IsOpen(c.Phase), addrKey(c.SrcIP), addrKey(c.DstIP), now, now)
}

// RolesSwapped reports whether originator and responder have changed places since the
// connection began. Its history then contains '^', as in Zeek's conn.log.
func RolesSwapped(c *models.Connection) bool { return strings.Contains(c.History, "^") }

// NewerAlert reports whether a replaces b, a record with the same id: it has the higher
// count or, with equal counts, no earlier last_ts.
func NewerAlert(a, b *models.Alert) bool {
	return a.Count > b.Count || a.Count == b.Count && a.LastTS >= b.LastTS
}

// NewerConnection reports whether a replaces b, a record with the same id: it has the
// later last_ts or, with equal times, no earlier phase.
func NewerConnection(a, b *models.Connection) bool {
	return a.LastTS > b.LastTS || a.LastTS == b.LastTS && PhaseRank(a.Phase) >= PhaseRank(b.Phase)
}
