package conntrack_test

import (
	"errors"
	"io"
	"math"
	"os"
	"path/filepath"
	"sort"
	"strconv"
	"strings"
	"testing"

	"github.com/netlyra/netlyra/internal/capture"
	"github.com/netlyra/netlyra/internal/capture/pcapfile"
	"github.com/netlyra/netlyra/internal/conntrack"
	"github.com/netlyra/netlyra/internal/conntrack/zeeklog"
	"github.com/netlyra/netlyra/internal/decode"
	"github.com/netlyra/netlyra/internal/models"
)

// compared are the columns that are compared with Zeek's.
var compared = []string{"id.orig_h", "id.orig_p", "id.resp_h", "id.resp_p", "proto", "duration", "orig_bytes",
	"resp_bytes", "conn_state", "history", "orig_pkts", "orig_ip_bytes", "resp_pkts", "resp_ip_bytes"}

// different are the cases whose recording is not of Zeek's defaults, with the reason.
var different = map[string]string{
	"scripts.base.protocols.ftp.gridftp": "recorded with GridFTP::size_threshold = 2 (default 1 GB): Zeek stopped tracking the data channel after its handshake",
}

// shared is the folder of recordings beside the repository; tests that need it are
// skipped where it is not.
func shared(t testing.TB) string {
	dir := os.Getenv("NETLYRA_SHARED")
	if dir == "" {
		dir = filepath.Join("..", "..", "..", "shared")
	}
	if _, err := os.Stat(dir); err != nil {
		t.Skipf("no recordings in %s; set NETLYRA_SHARED", dir)
	}
	return dir
}

// TestParityWithZeek runs recordings through capture, decode and conntrack, and holds
// the conn.log against the one that Zeek wrote of them.
func TestParityWithZeek(t *testing.T) {
	root := filepath.Join(shared(t), "corpora", "zeek-conn")
	cases, err := os.ReadDir(root)
	if err != nil {
		t.Skip(err)
	}
	good := 0
	for _, c := range cases {
		t.Run(c.Name(), func(t *testing.T) {
			dir := filepath.Join(root, c.Name())
			want := rows(t, readFile(t, filepath.Join(dir, "conn.log")))
			got := rows(t, connLog(t, traceIn(t, dir)))
			if why, ok := different[c.Name()]; ok {
				if len(differences(want, got)) > 0 {
					t.Skip("differs: " + why)
				}
				t.Logf("agrees, and can be taken off the list of those that differ (%s)", why)
			}
			for _, d := range differences(want, got) {
				t.Error(d)
			}
			if !t.Failed() {
				good++
			}
		})
	}
	t.Logf("conn.log parity: cases %d/%d", good, len(cases))
}

func readFile(t testing.TB, name string) string {
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func traceIn(t testing.TB, dir string) string {
	files, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if f.Name() != "conn.log" {
			return filepath.Join(dir, f.Name())
		}
	}
	t.Fatalf("no capture in %s", dir)
	return ""
}

// connLog is the conn.log of a capture.
func connLog(t testing.TB, file string) string {
	src, err := pcapfile.Open(file, capture.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	var text strings.Builder
	log, err := zeeklog.NewWriter(&text, 0)
	if err != nil {
		t.Fatal(err)
	}
	cfg := conntrack.DefaultConfig()
	cfg.EndsOnly = true
	table := conntrack.New(cfg, conntrack.SinkFunc(func(c *models.Connection, _ conntrack.Event) {
		if err := log.Write(c); err != nil {
			t.Fatal(err)
		}
	}))
	dec := decode.New(decode.DefaultConfig())
	var f models.Frame
	var p models.Packet
	for {
		if err := src.Next(&f); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		if dec.Decode(&f, &p) != nil {
			continue
		}
		table.Track(&p)
		for dec.More(&p) {
			table.Track(&p)
		}
	}
	table.Flush()
	if err := log.Close(f.TS); err != nil {
		t.Fatal(err)
	}
	return text.String()
}

// rows reads the compared columns of a conn.log, a line each.
func rows(t testing.TB, log string) []string {
	var names, out []string
	for _, line := range strings.Split(log, "\n") {
		if strings.HasPrefix(line, "#fields\t") {
			names = strings.Split(line, "\t")[1:]
		}
		if line == "" || line[0] == '#' {
			continue
		}
		values := map[string]string{}
		for i, v := range strings.Split(line, "\t") {
			values[names[i]] = v
		}
		var row []string
		for _, name := range compared {
			v := values[name]
			if f, err := strconv.ParseFloat(v, 64); name == "duration" && err == nil {
				v = strconv.FormatFloat(math.Round(f*1e5)/1e5, 'f', 5, 64)
			}
			row = append(row, v)
		}
		out = append(out, strings.Join(row, "\t"))
	}
	sort.Strings(out)
	return out
}

// differences lists the rows that one of both has more often than the other.
func differences(want, got []string) (out []string) {
	count := map[string]int{}
	for _, r := range want {
		count[r]++
	}
	for _, r := range got {
		count[r]--
	}
	for r, n := range count {
		switch {
		case n > 0:
			out = append(out, "want "+r)
		case n < 0:
			out = append(out, "got  "+r)
		}
	}
	sort.Strings(out)
	return out
}
