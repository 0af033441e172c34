package pcapfile

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"

	"github.com/netlyra/netlyra/internal/capture"
	"github.com/netlyra/netlyra/internal/capture/filter"
	"github.com/netlyra/netlyra/internal/capture/unpack"
	"github.com/netlyra/netlyra/internal/models"
	"github.com/netlyra/netlyra/internal/models/vocabulary"
)

// fileSource is one capture file.
type fileSource struct {
	name    string
	file    io.Closer
	size    int64
	meter   meter
	win     *window
	rec     recordReader
	unpack  func() // frees the decompressor
	filter  *filter.PerLink
	snap    int
	counts  capture.Counts
	log     *slog.Logger
	decodes func(models.LinkType) error
	warned  map[models.LinkType]bool
	last    models.Timestamp
	err     error // permanent result of Next, once set
}

func newFileSource(name string, f io.ReadCloser, size int64, opts capture.Options) (*fileSource, error) {
	filter, err := filter.NewPerLink(opts.Filter, opts.SnapLen)
	if err != nil {
		return nil, err
	}
	s := &fileSource{name: name, file: f, size: size, filter: filter, snap: opts.SnapLen, log: opts.Log, decodes: opts.Decodes, warned: map[models.LinkType]bool{}}
	s.meter.r = f
	if size == 0 {
		p := newPipe(&s.meter)
		s.unpack, s.win = p.close, newWindow(p)
		return s, nil
	}
	r, done, err := unpack.Reader(&s.meter)
	if err != nil {
		return nil, fmt.Errorf("open capture %s: %w", name, err)
	}
	s.unpack, s.win = done, newWindow(r)
	if err := s.open(); err != nil {
		done()
		return nil, err
	}
	return s, nil
}

// open reads the file header. It returns ErrIdle if a pipe has not delivered it yet.
func (s *fileSource) open() error {
	rec, err := openRecords(s.win, &s.counts, s.seeLink)
	if err == capture.ErrIdle {
		return err
	}
	if p, ok := rec.(*pcapReader); ok && err == nil && s.filter != nil {
		_, err = s.filter.Of(p.link)
	}
	if err != nil {
		return fmt.Errorf("open capture %s: %w", s.name, err)
	}
	s.rec = rec
	return nil
}

// Next implements capture.Source.
func (s *fileSource) Next(f *models.Frame) error {
	if s.err != nil {
		return s.err
	}
	if s.rec == nil {
		if err := s.open(); err == capture.ErrIdle {
			return s.idle(f)
		} else if err != nil {
			s.err = err
			return err
		}
	}
	for {
		if err := s.rec.next(f); err == capture.ErrIdle {
			return s.idle(f)
		} else if err != nil {
			return s.end(err)
		}
		if s.filter != nil {
			ok, err := s.filter.Match(f)
			if err != nil {
				return s.end(err)
			}
			if !ok {
				s.counts.Filtered()
				continue
			}
		}
		if len(f.Data) > s.snap {
			f.Data = f.Data[:s.snap]
		}
		s.counts.Receive()
		s.last = f.TS
		return nil
	}
}

// idle publishes the counters while a pipe has no data.
func (s *fileSource) idle(f *models.Frame) error {
	s.counts.Publish()
	f.TS, f.Data, f.WireLen = s.last, nil, 0
	return capture.ErrIdle
}

// end handles the end of a file. A truncated record is counted and logged; after that it is
// a normal end.
func (s *fileSource) end(err error) error {
	s.err = io.EOF
	s.counts.Publish()
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF):
		s.counts.Drop(vocabulary.DropTruncated, 1)
		s.log.Warn("capture file ends within a record; everything before it was read",
			vocabulary.EventCaptureTruncated.Attr(), "file", s.name, "offset", s.win.offset(), "frames", s.counts.Stats().Received, "err", err)
	case errors.Is(err, unpack.ErrTrailing):
		if s.win.end > s.win.start {
			s.counts.Drop(vocabulary.DropTruncated, 1)
		}
		s.log.Warn("bytes after the compressed data ignored; everything before them was read",
			vocabulary.EventCaptureTrailingBytes.Attr(), "file", s.name, "frames", s.counts.Stats().Received)
	case err != io.EOF:
		s.err = fmt.Errorf("read capture %s: %w", s.name, s.locate(err))
	}
	return s.err
}

// locate adds the offset to an error that does not have it.
func (s *fileSource) locate(err error) error {
	var c *corruptError
	if errors.As(err, &c) {
		return err
	}
	return fmt.Errorf("at offset %d: %w", s.win.offset(), err)
}

// seeLink warns once about each link type that Options.Decodes rejects.
func (s *fileSource) seeLink(l models.LinkType) {
	if s.decodes == nil || s.warned[l] {
		return
	}
	s.warned[l] = true
	if err := s.decodes(l); err != nil {
		s.log.Warn("frames of this link type are not decoded; counting them as dropped",
			vocabulary.EventLinkTypeNotDecoded.Attr(), "file", s.name, "link_type", uint16(l), "err", err)
	}
}

func (s *fileSource) Close() error {
	if s.err == nil {
		s.err = os.ErrClosed
	}
	s.counts.Publish()
	s.unpack()
	if s.file == os.Stdin {
		return nil
	}
	return s.file.Close()
}

func (s *fileSource) Stats() capture.Stats { return s.counts.Stats() }

func (s *fileSource) Progress() (done, total int64) { return s.meter.n.Load(), s.size }
