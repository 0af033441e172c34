package sensor

import (
	"testing"

	"github.com/netlyra/netlyra/internal/capture"
)

type halfRead struct{ capture.Source }

func (halfRead) Progress() (done, total int64) { return 50, 100 }

func TestProgressOfWrappedSources(t *testing.T) {
	for _, c := range []struct {
		src  capture.Source
		want int64
	}{
		{halfRead{}, 100},
		{&rebased{Source: halfRead{}}, 100},
		{&repeated{src: halfRead{}}, 0}, // it has no end
		{&rebased{Source: &repeated{src: halfRead{}}}, 0},
	} {
		if _, total := BytesRead(c.src); total != c.want {
			t.Errorf("%T: total %d, want %d", c.src, total, c.want)
		}
	}
}
