package report

import (
	"bufio"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/netlyra/netlyra/internal/models"
	"github.com/netlyra/netlyra/internal/wire"
)

// bufferSize is the size of the write buffers, in bytes.
const bufferSize = 64 << 10

// NDJSON writes connections as JSON, one a line.
type NDJSON struct {
	w    *bufio.Writer
	line []byte
}

// NewNDJSON returns a writer to w.
func NewNDJSON(w io.Writer) *NDJSON { return &NDJSON{w: bufio.NewWriterSize(w, bufferSize)} }

// Write appends the line of c.
func (n *NDJSON) Write(c *models.Connection) error {
	n.line = append(wire.AppendConnection(n.line[:0], c), '\n')
	if _, err := n.w.Write(n.line); err != nil {
		return fmt.Errorf("connections: %w", err)
	}
	return nil
}

// Close flushes.
func (n *NDJSON) Close() error {
	if err := n.w.Flush(); err != nil {
		return fmt.Errorf("connections: %w", err)
	}
	return nil
}

// CSV writes connections as comma-separated values (RFC 4180, but with Unix line ends). The
// columns are the fields of the JSON, in its order; absent fields are empty.
type CSV struct {
	w    *bufio.Writer
	line []byte
}

// columns are the fields of models.Connection.
var columns = []string{
	"id", "ts", "last_ts", "src_ip", "src_port", "dst_ip", "dst_port", "proto", "state", "phase", "history", "service",
	"orig_packets", "orig_bytes", "orig_ip_bytes", "resp_packets", "resp_bytes", "resp_ip_bytes", "missed_bytes",
	"duration", "tunnel", "parent", "vlan", "inner_vlan", "community_id", "server_name", "ja4",
}

// NewCSV returns a writer to w and writes the header.
func NewCSV(w io.Writer) *CSV {
	c := &CSV{w: bufio.NewWriterSize(w, bufferSize)}
	_, _ = c.w.WriteString(strings.Join(columns, ",") + "\n") // it fits the buffer
	return c
}

// Write appends the line of c.
func (w *CSV) Write(c *models.Connection) error {
	w.line = appendRow(w.line[:0], c)
	if _, err := w.w.Write(w.line); err != nil {
		return fmt.Errorf("connections: %w", err)
	}
	return nil
}

// Close flushes.
func (w *CSV) Close() error {
	if err := w.w.Flush(); err != nil {
		return fmt.Errorf("connections: %w", err)
	}
	return nil
}

func appendRow(b []byte, c *models.Connection) []byte {
	b = appendText(b, c.ID)
	b = append(wire.AppendRFC3339(b, c.TS), ',')
	b = append(wire.AppendRFC3339(b, c.LastTS), ',')
	b = appendText(b, c.SrcIP)
	b = appendCount(b, uint64(c.SrcPort))
	b = appendText(b, c.DstIP)
	b = appendCount(b, uint64(c.DstPort))
	b = appendText(b, c.Proto)
	b = appendText(b, c.State)
	b = appendText(b, c.Phase)
	b = appendText(b, c.History)
	b = appendText(b, c.Service)
	for _, n := range [...]uint64{
		c.OrigPackets, c.OrigBytes, c.OrigIPBytes, c.RespPackets, c.RespBytes, c.RespIPBytes, c.MissedBytes,
	} {
		b = appendCount(b, n)
	}
	b = append(strconv.AppendFloat(b, c.Duration, 'f', -1, 64), ',')
	b = appendText(b, c.Tunnel)
	b = appendText(b, c.Parent)
	b = appendTag(b, c.VLAN)
	b = appendTag(b, c.InnerVLAN)
	b = appendText(b, c.Community)
	b = appendText(b, c.SNI)
	b = appendText(b, c.JA4)
	b[len(b)-1] = '\n' // the comma after the last field
	return b
}

// appendText appends s, quoted if necessary, and a comma.
func appendText(b []byte, s string) []byte {
	if !strings.ContainsAny(s, ",\"\r\n") {
		return append(append(b, s...), ',')
	}
	b = append(b, '"')
	for i := range len(s) {
		if s[i] == '"' {
			b = append(b, '"')
		}
		b = append(b, s[i])
	}
	return append(b, '"', ',')
}

func appendCount(b []byte, n uint64) []byte { return append(strconv.AppendUint(b, n, 10), ',') }

// appendTag appends a VLAN and a comma; the field is empty without a VLAN.
func appendTag(b []byte, vlan uint16) []byte {
	if vlan != 0 {
		b = strconv.AppendUint(b, uint64(vlan), 10)
	}
	return append(b, ',')
}
