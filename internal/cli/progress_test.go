package cli

import (
	"bytes"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/netlyra/netlyra/internal/settings"
)

// reading shows the progress of a run that reads one byte and 100 packets per tick.
func reading(v *progressView, ticks int, tick time.Duration, total int64) {
	for i := 1; i <= ticks; i++ {
		<-time.After(tick)
		v.Show(settings.Progress{Packets: uint64(100 * i), Done: int64(i), Total: total})
	}
	v.Close()
}

func TestProgressInLines(t *testing.T) {
	for _, c := range []struct {
		name  string
		ticks int
		total int64
		want  string
	}{
		{"no output for a short run", 20, 100, ""},
		{"lines for a long run", 60, 100, "" +
			"25 % of 100 B, 2,500 packets, 500/s, 15s left\n" +
			"50 % of 100 B, 5,000 packets, 500/s, 10s left\n" +
			"6,000 packets in 12s, 500/s\n"},
		{"unknown total", 30, 0, "2,500 packets, 500/s\n3,000 packets in 6s, 500/s\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var b bytes.Buffer
				reading(newProgressView(&b), c.ticks, 200*time.Millisecond, c.total)
				if b.String() != c.want {
					t.Errorf("got\n%swant\n%s", b.String(), c.want)
				}
			})
		})
	}
}

func TestProgressBar(t *testing.T) {
	for _, c := range []struct {
		name  string
		ticks int
		total int64
		want  []string // in this order
		not   string
	}{
		{"no bar for a short run", 4, 100, nil, "packets"},
		{"bar for a long run", 100, 100, []string{"  5% |█", "500 packets, 500/s, 19s left", " 25% |███████", "2,500 packets, 500/s, 15s left", " 99% |", "\r\033[K10,000 packets in 20s, 500/s\n"}, "100%"},
		{"unknown total", 30, 0, []string{"2,500 packets, 500/s [5s]", "\r\033[K3,000 packets in 6s, 500/s\n"}, "%"},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var b bytes.Buffer
				v := newProgressView(&b)
				v.terminal = true
				reading(v, c.ticks, 200*time.Millisecond, c.total)
				rest := b.String()
				for _, w := range c.want {
					_, after, found := strings.Cut(rest, w)
					if !found {
						t.Fatalf("%q is missing in %q", w, rest[max(0, len(rest)-2000):])
					}
					rest = after
				}
				if strings.Contains(b.String(), c.not) {
					t.Errorf("unexpected %q", c.not)
				}
			})
		})
	}
}
