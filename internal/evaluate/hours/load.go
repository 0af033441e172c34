package hours

import (
	"cmp"
	"errors"
	"io"
	"slices"
	"time"

	"github.com/netlyra/netlyra/internal/capture"
	"github.com/netlyra/netlyra/internal/capture/pcapfile"
	"github.com/netlyra/netlyra/internal/models"
)

// frame is an Ethernet frame of a capture.
type frame struct {
	at   time.Duration // since the first frame of the capture
	wire uint32        // bytes on the wire
	data []byte
}

// recording is a capture in memory, in the order of time, beginning at 0.
type recording struct {
	path   string
	number int // among the captures of its side
	frames []frame
	err    error // why it ends before the end of the file, nil if it does not
}

// length returns the time from the first frame to the last.
func (r *recording) length() time.Duration { return r.frames[len(r.frames)-1].at }

// read reads the first frames of a capture. Frames of other link layers are omitted, because
// their addresses cannot be renamed. A damaged capture ends where the damage begins.
func read(path string, number, most int, opts capture.Options) *recording {
	r := &recording{path: path, number: number}
	src, err := pcapfile.Open(path, opts)
	if err != nil {
		r.err = err
		return r
	}
	var f models.Frame
	var times []models.Timestamp
	for len(r.frames) < most {
		if r.err = src.Next(&f); r.err != nil {
			break
		}
		if f.Link == models.LinkEthernet {
			r.frames = append(r.frames, frame{wire: f.WireLen, data: slices.Clone(f.Data)})
			times = append(times, f.TS)
		}
	}
	if errors.Is(r.err, io.EOF) {
		r.err = nil
	}
	r.err = errors.Join(r.err, src.Close())
	if len(times) == 0 {
		return r
	}
	first := slices.Min(times)
	for i, ts := range times {
		r.frames[i].at = time.Duration(ts - first)
	}
	slices.SortStableFunc(r.frames, func(a, b frame) int { return cmp.Compare(a.at, b.at) })
	return r
}

// within removes the frames that are not before the limit.
func (r *recording) within(limit time.Duration) {
	n, _ := slices.BinarySearchFunc(r.frames, limit, func(f frame, t time.Duration) int { return cmp.Compare(f.at, t) })
	r.frames = r.frames[:n]
}
