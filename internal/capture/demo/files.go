package demo

import (
	"context"
	"errors"
	"io"
	"os"
	"time"

	"github.com/netlyra/netlyra/internal/models"
)

// FilesConfig is what WriteFiles writes, and where.
type FilesConfig struct {
	Capture  string // file of the capture, pcap
	Labels   string // file of the labels; "" writes none
	Seed     uint64
	Start    models.Timestamp
	Duration time.Duration
	Attacks  []string // kinds in rotation; nil for the demo's rotation, "none" for benign traffic only
}

// WriteFiles writes generated traffic, and on request its labels, to files.
func WriteFiles(ctx context.Context, cfg FilesConfig) (Written, error) {
	d := DefaultConfig()
	d.Seed, d.Start, d.Duration = cfg.Seed, cfg.Start, cfg.Duration
	switch {
	case len(cfg.Attacks) == 1 && cfg.Attacks[0] == "none":
		d.Rotation = nil
	case len(cfg.Attacks) > 0:
		d.Rotation = cfg.Attacks
	}
	g, err := New(d)
	if err != nil {
		return Written{}, err
	}
	return writeFiles(cfg, func(pcap, labels io.Writer) (Written, error) {
		return WriteCapture(ctx, g, 0, pcap, labels)
	})
}

// writeFiles creates the files, calls write and closes them.
func writeFiles(cfg FilesConfig, write func(pcap, labels io.Writer) (Written, error)) (w Written, err error) {
	pcap, err := os.Create(cfg.Capture)
	if err != nil {
		return w, err
	}
	defer func() { err = errors.Join(err, pcap.Close()) }()
	if cfg.Labels == "" {
		return write(pcap, nil)
	}
	labels, err := os.Create(cfg.Labels)
	if err != nil {
		return w, err
	}
	defer func() { err = errors.Join(err, labels.Close()) }()
	return write(pcap, labels)
}
