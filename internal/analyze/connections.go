package analyze

import (
	"context"
	"io"

	"github.com/netlyra/netlyra/internal/analyze/report"
	"github.com/netlyra/netlyra/internal/conntrack"
	"github.com/netlyra/netlyra/internal/conntrack/zeeklog"
	"github.com/netlyra/netlyra/internal/models"
)

// connectionOutput writes connections in one format.
type connectionOutput interface {
	Write(*models.Connection) error
	Close() error
}

// connectionWriter passes ended connections, in the order in which they ended, to the
// goroutine that writes them. Connections that are open at the end of the captures come
// last, the oldest first.
type connectionWriter struct {
	to      []connectionOutput
	summary *report.Summary // nil: not written

	list []models.Connection // of the reader
	in   chan []models.Connection
	free chan []models.Connection
}

// Lists of connections between the two goroutines.
const (
	listLen   = 128
	listCount = 6
)

func (w *connectionWriter) init(summary bool) {
	if summary {
		w.summary = &report.Summary{}
	}
	w.in, w.free = make(chan []models.Connection, listCount), make(chan []models.Connection, listCount)
	for range listCount {
		w.free <- make([]models.Connection, 0, listLen)
	}
	w.list = <-w.free
}

// Connection implements conntrack.Sink; it receives ended connections.
func (w *connectionWriter) Connection(c *models.Connection, _ conntrack.Event) {
	if w.list = append(w.list, *c); len(w.list) == listLen {
		w.send()
	}
}

func (w *connectionWriter) send() {
	w.in <- w.list
	w.list = <-w.free
}

// close sends the rest.
func (w *connectionWriter) close() {
	w.in <- w.list
	close(w.in)
}

// run writes until there are no more connections. An error ends the analysis.
func (w *connectionWriter) run(fail context.CancelCauseFunc) {
	failed := false
	for list := range w.in {
		for i := range list {
			if failed {
				break
			}
			if err := w.write(&list[i]); err != nil {
				fail(err)
				failed = true
			}
		}
		w.free <- list[:0]
	}
}

func (w *connectionWriter) write(c *models.Connection) error {
	if w.summary != nil {
		w.summary.Connection(c)
	}
	for _, o := range w.to {
		if err := o.Write(c); err != nil {
			return err
		}
	}
	return nil
}

// zeekOutput is a conn.log, opened and closed at the times of its packets.
type zeekOutput struct {
	w      io.Writer
	reader *reader
	log    *zeeklog.Writer
}

func (z *zeekOutput) open() (err error) {
	if z.log == nil {
		z.log, err = zeeklog.NewWriter(z.w, z.reader.opened)
	}
	return err
}

func (z *zeekOutput) Write(c *models.Connection) error {
	if err := z.open(); err != nil {
		return err
	}
	return z.log.Write(c)
}

func (z *zeekOutput) Close() error {
	if err := z.open(); err != nil {
		return err
	}
	return z.log.Close(z.reader.capture.Last)
}
