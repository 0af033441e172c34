package app

import (
	"context"
	"errors"
	"io"
	"os"
	"time"

	"github.com/netlyra/netlyra/internal/capture/demo"
	"github.com/netlyra/netlyra/internal/models"
)

// GenerateConfig is what to write, and where.
type GenerateConfig struct {
	Capture  string // file of the capture
	Labels   string // file of the labels, "" for none
	Seed     uint64
	Start    models.Timestamp
	Duration time.Duration
	Attacks  []string // kinds in rotation; nil for those of the demo, "none" for none
}

// Generate writes the demo's traffic to files.
func Generate(ctx context.Context, cfg GenerateConfig) (demo.Written, error) {
	d := demo.DefaultConfig()
	d.Seed, d.Start, d.Duration = cfg.Seed, cfg.Start, cfg.Duration
	switch {
	case len(cfg.Attacks) == 1 && cfg.Attacks[0] == "none":
		d.Rotation = nil
	case len(cfg.Attacks) > 0:
		d.Rotation = cfg.Attacks
	}
	g, err := demo.New(d)
	if err != nil {
		return demo.Written{}, err
	}
	return writeFiles(cfg, func(pcap, labels io.Writer) (demo.Written, error) {
		return demo.WriteCapture(ctx, g, 0, pcap, labels)
	})
}

// writeFiles makes the files and closes them after write; what could not be written
// whole is an error that names the file.
func writeFiles(cfg GenerateConfig, write func(pcap, labels io.Writer) (demo.Written, error)) (w demo.Written, err error) {
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
