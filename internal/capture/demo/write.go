package demo

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"

	"github.com/netlyra/netlyra/internal/capture/pcapfile"
	"github.com/netlyra/netlyra/internal/models"
)

// Written is the result of WriteCapture.
type Written struct {
	Frames  uint64
	Attacks uint64 // of them labeled as an attack
	Bytes   uint64 // on the wire
}

// WriteCapture writes frames of g until its end, until limit frames (0 is no limit),
// or until ctx is done: a pcap with nanoseconds, and a CSV of the same order with the
// columns index (from 1), label (1 if the frame belongs to an attack, else 0) and
// attack (its name, or empty). labels may be nil. A generator without an end needs a
// limit.
func WriteCapture(ctx context.Context, g *Generator, limit uint64, pcap, labels io.Writer) (Written, error) {
	var w Written
	if limit == 0 && g.end == 0 {
		return w, errors.New("demo: neither a duration nor a number of packets is set; the file would grow without end")
	}
	if labels == nil {
		labels = io.Discard
	}
	out, err := pcapfile.NewWriter(pcap, models.LinkEthernet)
	if err != nil {
		return w, fmt.Errorf("demo: write capture: %w", err)
	}
	csv := bufio.NewWriterSize(labels, 64<<10)
	csv.WriteString("index,label,attack\n")
	err = w.copy(ctx, g, limit, out, csv)
	return w, errors.Join(err, out.Flush(), csv.Flush())
}

func (w *Written) copy(ctx context.Context, g *Generator, limit uint64, out *pcapfile.Writer, csv *bufio.Writer) error {
	var f models.Frame
	var row []byte
	for limit == 0 || w.Frames < limit {
		if w.Frames&1023 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		if err := g.Next(&f); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
		if err := out.Write(&f); err != nil {
			return fmt.Errorf("demo: write capture: %w", err)
		}
		w.Frames++
		w.Bytes += uint64(f.WireLen)
		label := byte('0')
		if g.Label() != "" {
			label = '1'
			w.Attacks++
		}
		row = strconv.AppendUint(row[:0], w.Frames, 10)
		row = append(row, ',', label, ',')
		row = append(row, g.Label()...)
		row = append(row, '\n')
		if _, err := csv.Write(row); err != nil {
			return fmt.Errorf("demo: write labels: %w", err)
		}
	}
	return nil
}
