package store

import (
	"math"
	"net/netip"
	"slices"
	"strings"

	"github.com/netlyra/netlyra/internal/models"
)

// GORM reads rows into the structs of this file and writes none (see gormConfig). Every
// column is named, and no field has a name or a type that GORM has a convention for:
// WrittenAt is the column updated_at, because GORM would fill a field UpdatedAt by
// itself, in seconds. A test holds all models against the list of conventions.

// rowModels are the structs that GORM knows.
var rowModels = []any{&alertRow{}, &connectionRow{}, &triageRow{}}

// alertRow is a row of alerts as it is read.
type alertRow struct {
	Seq              int64 `gorm:"column:seq;primaryKey;autoIncrement:false"` // order of first insertion, the tie-breaker of every order
	models.AlertView `gorm:"embedded"`
	SeverityRank     int              `gorm:"column:severity_rank"`
	SrcKey           []byte           `gorm:"column:src_key"`
	DstKey           []byte           `gorm:"column:dst_key"`
	InsertedAt       models.Timestamp `gorm:"column:inserted_at"` // wall clock
	WrittenAt        models.Timestamp `gorm:"column:updated_at"`  // wall clock: last written, by a record or by a person
}

// TableName names the table for GORM.
func (alertRow) TableName() string { return "alerts" }

// connectionRow is a row of connections as it is read.
type connectionRow struct {
	Seq               int64 `gorm:"column:seq;primaryKey;autoIncrement:false"`
	models.Connection `gorm:"embedded"`
	PhaseRank         int              `gorm:"column:phase_rank"`
	Open              bool             `gorm:"column:open"` // new, active or idle
	SrcKey            []byte           `gorm:"column:src_key"`
	DstKey            []byte           `gorm:"column:dst_key"`
	InsertedAt        models.Timestamp `gorm:"column:inserted_at"`
	WrittenAt         models.Timestamp `gorm:"column:updated_at"`
}

// TableName names the table for GORM.
func (connectionRow) TableName() string { return "connections" }

// triageRow is one change that a person made to an alert.
type triageRow struct {
	ID       int64              `gorm:"column:id;primaryKey;autoIncrement:false"`
	AlertSeq int64              `gorm:"column:alert_seq"`
	At       models.Timestamp   `gorm:"column:at"`
	From     models.TriageState `gorm:"column:from_state"`
	State    models.TriageState `gorm:"column:state"`
	Note     string             `gorm:"column:note"`
	Author   string             `gorm:"column:author"`
}

// TableName names the table for GORM.
func (triageRow) TableName() string { return "alert_triage" }

var (
	severities = []models.Severity{models.SeverityLow, models.SeverityMedium, models.SeverityHigh, models.SeverityCritical}
	// phases in the order in which a connection goes through them; idle may go back
	// to active, but only with a packet, and so with a later last_ts.
	phases = []string{"new", "active", "idle", "closed", "expired"}
)

func severityRank(s models.Severity) int { return slices.Index(severities, s) + 1 }
func phaseRank(p string) int             { return slices.Index(phases, p) + 1 }

// isOpen reports whether the connection still lives; one without a phase does.
func isOpen(p string) bool { return p != "closed" && p != "expired" }

// addrKey is the address in 16 bytes, IPv4 as ::ffff:a.b.c.d, so that the keys of a
// prefix are neighbours. It is empty for text that is no address.
func addrKey(ip string) []byte {
	a, err := netip.ParseAddr(ip)
	if err != nil {
		return []byte{}
	}
	k := a.As16()
	return k[:]
}

// count64 fits n into SQLite's signed integer.
func count64(n uint64) int64 { return int64(min(n, math.MaxInt64)) }

// alertColumns are the columns that a record sets, in the order of appendAlert. State
// and note are absent: they belong to people.
var alertColumns = []string{
	"id", "ts", "last_ts", "src_ip", "dst_ip", "src_port", "dst_port", "proto", "score", "threshold", "severity", "count",
	"kind", "technique", "scale", "summary", "conn", "severity_rank", "src_key", "dst_key", "updated_at",
	"features", "reasons", "counterfactual", "model", "inserted_at",
}

func appendAlert(v []any, a *models.Alert, now models.Timestamp) []any {
	return append(v, a.ID, a.TS, a.LastTS, a.SrcIP, a.DstIP, int64(a.SrcPort), int64(a.DstPort), a.Proto,
		a.Score, a.Threshold, string(a.Severity), count64(a.Count), a.Kind, a.Technique, a.Scale, a.Summary, a.Conn,
		int64(severityRank(a.Severity)), addrKey(a.SrcIP), addrKey(a.DstIP), now,
		featuresJSON(a.Features), reasonsJSON(a.Reasons), counterfactualJSON(a.Counterfactual), modelJSON(a.Model), now)
}

// connectionColumns are the columns in the order of appendConnection.
var connectionColumns = []string{
	"id", "ts", "last_ts", "src_ip", "src_port", "dst_ip", "dst_port", "proto", "state", "phase", "history", "service",
	"orig_packets", "orig_bytes", "orig_ip_bytes", "resp_packets", "resp_bytes", "resp_ip_bytes", "missed_bytes", "duration",
	"tunnel", "parent", "vlan", "inner_vlan", "community_id", "server_name", "ja4",
	"phase_rank", "open", "src_key", "dst_key", "updated_at", "inserted_at",
}

func appendConnection(v []any, c *models.Connection, now models.Timestamp) []any {
	return append(v, c.ID, c.TS, c.LastTS, c.SrcIP, int64(c.SrcPort), c.DstIP, int64(c.DstPort), c.Proto,
		c.State, c.Phase, c.History, c.Service,
		count64(c.OrigPackets), count64(c.OrigBytes), count64(c.OrigIPBytes),
		count64(c.RespPackets), count64(c.RespBytes), count64(c.RespIPBytes), count64(c.MissedBytes), c.Duration,
		c.Tunnel, c.Parent, int64(c.VLAN), int64(c.InnerVLAN), c.Community, c.SNI, c.JA4,
		int64(phaseRank(c.Phase)), isOpen(c.Phase), addrKey(c.SrcIP), addrKey(c.DstIP), now, now)
}

// rolesSwapped reports whether originator and responder have changed places since the
// connection began: its history then says '^' (as in Zeek's conn.log), and goes on to.
func rolesSwapped(c *models.Connection) bool { return strings.Contains(c.History, "^") }

// newerAlert reports whether a stands against b, both of one id.
func newerAlert(a, b *models.Alert) bool {
	return a.Count > b.Count || a.Count == b.Count && a.LastTS >= b.LastTS
}

// newerConnection reports whether a stands against b, both of one id.
func newerConnection(a, b *models.Connection) bool {
	return a.LastTS > b.LastTS || a.LastTS == b.LastTS && phaseRank(a.Phase) >= phaseRank(b.Phase)
}
