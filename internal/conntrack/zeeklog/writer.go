package zeeklog

import (
	"bufio"
	"fmt"
	"io"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/netlyra/netlyra/internal/models"
)

// columns are the fields of conn.log with their Zeek types.
var columns = [][2]string{
	{"ts", "time"}, {"uid", "string"}, {"id.orig_h", "addr"}, {"id.orig_p", "port"}, {"id.resp_h", "addr"},
	{"id.resp_p", "port"}, {"proto", "enum"}, {"service", "string"}, {"duration", "interval"},
	{"orig_bytes", "count"}, {"resp_bytes", "count"}, {"conn_state", "string"}, {"local_orig", "bool"},
	{"local_resp", "bool"}, {"missed_bytes", "count"}, {"history", "string"}, {"orig_pkts", "count"},
	{"orig_ip_bytes", "count"}, {"resp_pkts", "count"}, {"resp_ip_bytes", "count"},
	{"tunnel_parents", "set[string]"}, {"ip_proto", "count"},
}

const (
	unset      = "-"
	timeLayout = "2006-01-02-15-04-05"
)

// Writer writes a conn.log.
type Writer struct {
	w    *bufio.Writer
	line []byte
}

// NewWriter writes the header to w. opened is the time in the header: the time of the first
// packet, so that the same packets give the same file.
func NewWriter(w io.Writer, opened models.Timestamp) (*Writer, error) {
	b := bufio.NewWriterSize(w, 1<<16)
	fmt.Fprintf(b, "#separator \\x09\n#set_separator\t,\n#empty_field\t(empty)\n#unset_field\t%s\n#path\tconn\n#open\t%s\n",
		unset, opened.Time().Format(timeLayout))
	for i, head := range [2]string{"#fields", "#types"} {
		b.WriteString(head)
		for _, c := range columns {
			b.WriteByte('\t')
			b.WriteString(c[i])
		}
		b.WriteByte('\n')
	}
	if err := b.Flush(); err != nil {
		return nil, fmt.Errorf("conn.log header: %w", err)
	}
	return &Writer{w: b, line: make([]byte, 0, 512)}, nil
}

// Logged reports whether Zeek logs the connection. It does not log carriers of tunnels (GRE,
// IP in IP), packets without a next header, and IPv6 extension headers (ESP, mobility).
func Logged(c *models.Connection) bool {
	switch p, _ := models.ParseProto(c.Proto); p {
	case 4, 41, 47, 59:
		return false
	case 50, 135:
		return !strings.Contains(c.SrcIP, ":")
	}
	return true
}

// Write appends the line of c, if Zeek would have one.
func (w *Writer) Write(c *models.Connection) error {
	if !Logged(c) {
		return nil
	}
	w.line = appendLine(w.line[:0], c)
	if _, err := w.w.Write(w.line); err != nil {
		return fmt.Errorf("conn.log: %w", err)
	}
	return nil
}

// Close writes the footer and flushes; it does not close the underlying writer.
func (w *Writer) Close(closed models.Timestamp) error {
	fmt.Fprintf(w.w, "#close\t%s\n", closed.Time().Format(timeLayout))
	if err := w.w.Flush(); err != nil {
		return fmt.Errorf("conn.log: %w", err)
	}
	return nil
}

func appendLine(b []byte, c *models.Connection) []byte {
	proto, _ := models.ParseProto(c.Proto)
	name, ports := transport(proto)
	b = appendSeconds(b, int64(c.TS))
	b = appendText(b, c.ID)
	b = appendText(b, c.SrcIP)
	b = appendPort(b, c.SrcPort, ports)
	b = appendText(b, c.DstIP)
	b = appendPort(b, c.DstPort, ports)
	b = appendText(b, name)
	b = appendText(b, c.Service)
	if c.Duration > 0 {
		b = strconv.AppendFloat(append(b, '\t'), c.Duration, 'f', 6, 64)
		b = appendCount(b, c.OrigBytes)
		b = appendCount(b, c.RespBytes)
	} else {
		b = append(b, "\t-\t-\t-"...)
	}
	b = appendText(b, c.State)
	b = appendBool(b, local(c.SrcIP))
	b = appendBool(b, local(c.DstIP))
	b = appendCount(b, c.MissedBytes)
	b = appendText(b, c.History)
	b = appendCount(b, c.OrigPackets)
	b = appendCount(b, c.OrigIPBytes)
	b = appendCount(b, c.RespPackets)
	b = appendCount(b, c.RespIPBytes)
	b = appendText(b, c.Parent)
	b = appendCount(b, uint64(proto))
	return append(b, '\n')
}

// transport returns Zeek's name of a protocol and whether it has ports.
func transport(p models.Proto) (name string, ports bool) {
	switch p {
	case models.ProtoTCP:
		return "tcp", true
	case models.ProtoUDP:
		return "udp", true
	case models.ProtoICMP, models.ProtoICMPv6:
		return "icmp", true
	}
	return "unknown_transport", false
}

// appendSeconds appends the first column: seconds with six digits, truncated to
// microseconds.
func appendSeconds(b []byte, ns int64) []byte {
	t := time.Unix(0, ns)
	b = strconv.AppendInt(b, t.Unix(), 10)
	us := t.Nanosecond() / 1000
	b = append(b, '.')
	for unit := 100000; unit > 0; unit /= 10 {
		b = append(b, byte('0'+us/unit%10))
	}
	return b
}

func appendText(b []byte, s string) []byte {
	b = append(b, '\t')
	if s == "" {
		return append(b, unset...)
	}
	for i := range len(s) {
		if ch := s[i]; ch < ' ' || ch == 0x7f {
			b = fmt.Appendf(b, "\\x%02x", ch)
		} else {
			b = append(b, ch)
		}
	}
	return b
}

func appendCount(b []byte, n uint64) []byte { return strconv.AppendUint(append(b, '\t'), n, 10) }

func appendPort(b []byte, p uint16, known bool) []byte {
	if !known {
		p = 0
	}
	return appendCount(b, uint64(p))
}

func appendBool(b []byte, v bool) []byte {
	if v {
		return append(b, "\tT"...)
	}
	return append(b, "\tF"...)
}

// localNets is Zeek's Site::private_address_space (IANA special-purpose registries).
var localNets = func() (nets []netip.Prefix) {
	for _, s := range []string{
		"0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
		"192.0.0.0/24", "192.0.2.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24",
		"240.0.0.0/4", "255.255.255.255/32", "::/128", "::1/128", "64:ff9b:1::/48", "100::/64", "2001::/23",
		"2001:2::/48", "2001:db8::/32", "2002::/16", "fc00::/7", "fe80::/10",
	} {
		nets = append(nets, netip.MustParsePrefix(s))
	}
	return nets
}()

func local(text string) bool {
	a, err := netip.ParseAddr(text)
	if err != nil {
		return false
	}
	for _, n := range localNets {
		if n.Contains(a) {
			return true
		}
	}
	return false
}
