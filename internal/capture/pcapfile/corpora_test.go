package pcapfile

import (
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/netlyra/netlyra/internal/capture"
	"github.com/netlyra/netlyra/internal/models"
)

// shared is the folder of public captures, "" where it is absent.
func shared() string {
	for _, d := range []string{os.Getenv("NETLYRA_SHARED"), "../../../shared"} {
		if d != "" {
			if st, err := os.Stat(filepath.Join(d, "corpora")); err == nil && st.IsDir() {
				return d
			}
		}
	}
	return ""
}

// TestTotalsAgreeWithCapinfos holds frames and bytes of public captures against
// Wireshark's capinfos.
func TestTotalsAgreeWithCapinfos(t *testing.T) {
	capinfos, err := exec.LookPath("capinfos")
	if dir := shared(); dir == "" || err != nil {
		t.Skip("needs capinfos and the corpora in ../shared (or NETLYRA_SHARED)")
	}
	var files []string
	for _, g := range []string{"corpora/attacks/*/*.pcap*", "corpora/zeek-conn/*/*"} {
		m, _ := filepath.Glob(filepath.Join(shared(), g))
		files = append(files, m...)
	}
	n := 0
	for _, path := range files {
		if strings.HasSuffix(path, ".log") {
			continue
		}
		// A table of packets and bytes on the wire, exact, without a head line.
		out, err := exec.Command(capinfos, "-TmrcdM", path).Output()
		if err != nil {
			continue // not a capture that capinfos reads whole
		}
		lines := strings.Split(strings.TrimSpace(string(out)), "\n")
		cols := strings.Split(lines[len(lines)-1], ",")
		frames, bytes := readTotals(t, path)
		if want, _ := strconv.ParseUint(cols[1], 10, 64); frames != want {
			t.Errorf("%s: %d frames, capinfos says %d", path, frames, want)
		}
		if want, _ := strconv.ParseUint(cols[2], 10, 64); bytes != want {
			t.Errorf("%s: %d bytes, capinfos says %d", path, bytes, want)
		}
		n++
	}
	if n == 0 {
		t.Error("no capture was compared")
	}
	t.Logf("%d captures agree", n)
}

func readTotals(t *testing.T, path string) (frames, bytes uint64) {
	t.Helper()
	s, err := Open(path, capture.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	var f models.Frame
	for {
		err := s.Next(&f)
		if errors.Is(err, io.EOF) {
			return frames, bytes
		}
		if err != nil {
			t.Fatal(err)
		}
		frames++
		bytes += uint64(f.WireLen)
	}
}
