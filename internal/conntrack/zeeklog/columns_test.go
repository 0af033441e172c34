package zeeklog

import (
	"bytes"
	"errors"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/netlyra/netlyra/internal/models"
)

// row returns the fields of the line of c by the name of their column.
func row(t *testing.T, c *models.Connection) map[string]string {
	t.Helper()
	line := string(appendLine(nil, c))
	if strings.Count(line, "\n") != 1 || !strings.HasSuffix(line, "\n") {
		t.Fatalf("line %q is not one line", line)
	}
	fields := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
	if len(fields) != len(columns) {
		t.Fatalf("%d fields, want %d: %q", len(fields), len(columns), line)
	}
	out := map[string]string{}
	for i, col := range columns {
		out[col[0]] = fields[i]
	}
	return out
}

// TestTimesAreTruncated: Zeek truncates to microseconds and does not round.
func TestTimesAreTruncated(t *testing.T) {
	for ns, want := range map[int64]string{
		0:                             "0.000000",
		999:                           "0.000000",
		1000:                          "0.000001",
		999_999_999:                   "0.999999",
		1_000_000_000:                 "1.000000",
		1_700_000_000_050_000_999:     "1700000000.050000",
		1_700_000_000_000_000_001:     "1700000000.000000",
		int64(time.Hour) + 1_234_5678: "3600.012345",
	} {
		if got := row(t, &models.Connection{TS: models.Timestamp(ns)})["ts"]; got != want {
			t.Errorf("%d ns: got %s, want %s", ns, got, want)
		}
	}
}

// TestUnsetFields: without a duration Zeek leaves the payload counts unset but not the packet
// counts.
func TestUnsetFields(t *testing.T) {
	c := models.Connection{ID: "C1", SrcIP: "10.0.0.1", DstIP: "192.0.2.1", Proto: "TCP", State: "S0", History: "S",
		OrigBytes: 5, RespBytes: 6, OrigPackets: 1, OrigIPBytes: 60}
	r := row(t, &c)
	for field, want := range map[string]string{"duration": "-", "orig_bytes": "-", "resp_bytes": "-", "service": "-",
		"tunnel_parents": "-", "orig_pkts": "1", "orig_ip_bytes": "60", "resp_pkts": "0", "missed_bytes": "0"} {
		if r[field] != want {
			t.Errorf("no duration: %s is %q, want %q", field, r[field], want)
		}
	}
	c.Duration = 1e-6
	r = row(t, &c)
	for field, want := range map[string]string{"duration": "0.000001", "orig_bytes": "5", "resp_bytes": "6"} {
		if r[field] != want {
			t.Errorf("with a duration: %s is %q, want %q", field, r[field], want)
		}
	}
}

// TestEveryProtocolNumber: the number and the name are those of the connection's protocol,
// and only protocols with ports or types have ports.
func TestEveryProtocolNumber(t *testing.T) {
	named := map[int]string{1: "icmp", 6: "tcp", 17: "udp", 58: "icmp"}
	for p := range 256 {
		r := row(t, &models.Connection{SrcIP: "10.0.0.1", DstIP: "10.0.0.2", SrcPort: 7, DstPort: 8, Proto: models.Proto(p).String()})
		want, ports := named[p], "7"
		if want == "" {
			want, ports = "unknown_transport", "0"
		}
		if r["ip_proto"] != strconv.Itoa(p) || r["proto"] != want || r["id.orig_p"] != ports {
			t.Errorf("protocol %d: number %s, name %s, port %s; want name %s, port %s", p, r["ip_proto"], r["proto"], r["id.orig_p"], want, ports)
		}
	}
}

// TestLocalNets has the first and the last address of private networks and their neighbors.
func TestLocalNets(t *testing.T) {
	for addr, want := range map[string]bool{
		"9.255.255.255": false, "10.0.0.0": true, "10.255.255.255": true, "11.0.0.0": false,
		"100.63.255.255": false, "100.64.0.0": true, "100.127.255.255": true, "100.128.0.0": false,
		"172.15.255.255": false, "172.16.0.0": true, "172.31.255.255": true, "172.32.0.0": false,
		"192.167.255.255": false, "192.168.0.0": true, "192.169.0.0": false, "198.17.255.255": false, "198.18.0.0": true,
		"198.19.255.255": true, "198.20.0.0": false, "239.255.255.255": false, "240.0.0.0": true, "255.255.255.255": true,
		"8.8.8.8": false, "127.0.0.1": true, "169.254.1.1": true,
		"::1": true, "::2": false, "fe80::1": true, "febf::1": true, "fec0::1": false, "fc00::1": true, "fdff::1": true,
		"2001:db8::1": true, "2001:db9::1": false, "2606:4700::1": false, "ff02::1": false,
		"": false, "not an address": false,
	} {
		if got := local(addr); got != want {
			t.Errorf("%q: local %v, want %v", addr, got, want)
		}
		if r := row(t, &models.Connection{SrcIP: addr, DstIP: "8.8.8.8"}); (r["local_orig"] == "T") != want || r["local_resp"] != "F" {
			t.Errorf("%q: local_orig %s, local_resp %s", addr, r["local_orig"], r["local_resp"])
		}
	}
}

// TestTextIsEscaped: no byte of a value can begin a new field or line.
func TestTextIsEscaped(t *testing.T) {
	for b := range 256 {
		value := "a" + string([]byte{byte(b)}) + "z"
		got := row(t, &models.Connection{Service: value})["service"]
		control := b < ' ' || b == 0x7f
		if control && got != "a\\x"+hex2(b)+"z" || !control && got != value {
			t.Errorf("byte %#x: %q", b, got)
		}
	}
}

func hex2(b int) string {
	const digits = "0123456789abcdef"
	return string([]byte{digits[b>>4], digits[b&15]})
}

// TestHeaderNamesTheColumns: the header declares as many types as fields, and readers find
// each field by its name.
func TestHeaderNamesTheColumns(t *testing.T) {
	var b bytes.Buffer
	w, err := NewWriter(&b, 0)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Close(models.Timestamp(time.Second)); err != nil {
		t.Fatal(err)
	}
	heads := map[string][]string{}
	for line := range strings.Lines(b.String()) {
		f := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		heads[f[0]] = f[1:]
	}
	if len(heads["#fields"]) != len(columns) || len(heads["#types"]) != len(columns) {
		t.Errorf("%d fields, %d types, want %d", len(heads["#fields"]), len(heads["#types"]), len(columns))
	}
	if heads["#open"][0] != "1970-01-01-00-00-00" || heads["#close"][0] != "1970-01-01-00-00-01" {
		t.Errorf("opened %v, closed %v", heads["#open"], heads["#close"])
	}
}

var errFull = errors.New("no space")

// limited accepts n bytes and then fails.
type limited struct{ n int }

func (l *limited) Write(b []byte) (int, error) {
	if len(b) > l.n {
		return 0, errFull
	}
	l.n -= len(b)
	return len(b), nil
}

// TestErrorOfALaterWrite: an error of the underlying writer is returned by Write or by Close.
func TestErrorOfALaterWrite(t *testing.T) {
	c := models.Connection{ID: "C1", SrcIP: "10.0.0.1", DstIP: "10.0.0.2", Proto: "UDP", State: "S0"}
	w, err := NewWriter(&limited{4096}, 0)
	if err != nil {
		t.Fatal(err)
	}
	for range 5000 {
		if err = w.Write(&c); err != nil {
			break
		}
	}
	if !errors.Is(err, errFull) {
		t.Errorf("Write returned %v, want %v", err, errFull)
	}
	if err := w.Close(0); !errors.Is(err, errFull) {
		t.Errorf("Close returned %v, want %v", err, errFull)
	}
	if w, err = NewWriter(&limited{4096}, 0); err != nil {
		t.Fatal(err)
	}
	for range 100 {
		if err := w.Write(&c); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(0); !errors.Is(err, errFull) {
		t.Errorf("Close of buffered lines returned %v, want %v", err, errFull)
	}
}
