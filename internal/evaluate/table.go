package evaluate

import (
	"bufio"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"runtime"
	"strconv"
	"sync"

	"github.com/netlyra/netlyra/engine/hst"
	"github.com/netlyra/netlyra/internal/evaluate/measure"
	"github.com/netlyra/netlyra/internal/evaluate/points"
)

// PointsConfig configures an evaluation of points.
type PointsConfig struct {
	Table    string // CSV, also gzip
	Mode     string // default, paper or river
	Shuffled bool
	Seeds    int    // seeds 1…Seeds
	Scores   string // file to write the scores to, "" for none
}

// Points streams a table of labeled points through the detector for points, once
// per seed, seeds in parallel.
func Points(ctx context.Context, cfg PointsConfig) (*measure.PointsResult, error) {
	mode, err := hst.ParseMode(cfg.Mode)
	if err != nil {
		return nil, err
	}
	t, err := readTable(cfg.Table)
	if err != nil {
		return nil, err
	}
	d := points.DefaultConfig(mode, t.Columns)
	r := &measure.PointsResult{
		Table: cfg.Table, Mode: cfg.Mode, Order: "file", Seeds: cfg.Seeds, Points: t.Rows(), Columns: t.Columns,
		Attacks: t.Attacks, Excluded: d.Window, Runs: make([]measure.Ranking, cfg.Seeds),
	}
	if cfg.Shuffled {
		r.Order = "shuffled"
	}
	if t.Rows() <= d.Window {
		return nil, fmt.Errorf("table %s: %d points, want more than the %d of the first window, which is excluded", cfg.Table, t.Rows(), d.Window)
	}
	scores := make([][]float64, cfg.Seeds)
	errs := make([]error, cfg.Seeds)
	var wg sync.WaitGroup
	slots := make(chan struct{}, runtime.GOMAXPROCS(0))
	for i := range cfg.Seeds {
		wg.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			run := d
			run.Seed = uint64(i + 1)
			l, err := points.New(run)
			if err != nil {
				errs[i] = err
				return
			}
			scores[i], r.Runs[i], errs[i] = measure.Prequential(ctx, l, t, t.Order(cfg.Shuffled, run.Seed), d.Window)
			if cfg.Scores == "" {
				scores[i] = nil
			}
		})
	}
	wg.Wait()
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	r.Sum()
	if cfg.Scores != "" {
		return r, writeScores(cfg.Scores, t, scores)
	}
	return r, nil
}

func readTable(name string) (t *measure.Table, err error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	in := bufio.NewReaderSize(f, 1<<16)
	if magic, _ := in.Peek(2); string(magic) != "\x1f\x8b" {
		return measure.ReadTable(in, name)
	}
	z, err := gzip.NewReader(in)
	if err != nil {
		return nil, fmt.Errorf("table %s: %w", name, err)
	}
	return measure.ReadTable(z, name)
}

// writeScores writes index (of the row, from 1), label and a score for each seed, empty
// for excluded points.
func writeScores(name string, t *measure.Table, scores [][]float64) (err error) {
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	out := bufio.NewWriterSize(f, 1<<16)
	defer func() { err = errors.Join(err, out.Flush()) }()
	return scoreLines(out, t, scores)
}

func scoreLines(out io.Writer, t *measure.Table, scores [][]float64) error {
	line := []byte("index,label")
	for i := range scores {
		line = append(line, ",score"...)
		if len(scores) > 1 {
			line = strconv.AppendInt(append(line, '_'), int64(i+1), 10)
		}
	}
	if _, err := out.Write(append(line, '\n')); err != nil {
		return err
	}
	for row := range t.Rows() {
		line = strconv.AppendInt(line[:0], int64(row+1), 10)
		line = append(line, ',', '0')
		if t.Attack[row] {
			line[len(line)-1] = '1'
		}
		for _, s := range scores {
			if line = append(line, ','); !math.IsNaN(s[row]) {
				line = strconv.AppendFloat(line, s[row], 'g', -1, 64)
			}
		}
		if _, err := out.Write(append(line, '\n')); err != nil {
			return err
		}
	}
	return nil
}
