package app

import (
	"context"
	"errors"
	"time"

	"github.com/netlyra/netlyra/internal/bus/packets"
	"github.com/netlyra/netlyra/internal/config"
	"github.com/netlyra/netlyra/internal/sensor"
	"github.com/netlyra/netlyra/internal/settings"
)

// Probe captures and publishes, and does nothing else: a remote sensor, or with files a
// replay. It returns when the input or ctx ends.
func Probe(ctx context.Context, cfg *config.Config, in sensor.Input, opts Options) (*Summary, error) {
	n, err := newNode(ctx, cfg, opts, false, sensorStages...)
	if err != nil {
		return nil, err
	}
	defer n.close()
	sensor, err := n.sensor(ctx, in)
	if err != nil {
		return nil, err
	}
	begin := time.Now()
	p := pipeline{log: n.log, stages: []stage{
		{name: "sensor", run: sensor.Run, finite: true, grace: 2 * defaultGrace},
		{name: "telemetry", run: n.telemetry(sensor, nil).Run},
	}}
	p.drained = func(context.Context) error { return nil }
	stop := settings.Watch(opts.Progress, n.sensorProgress(sensor))
	err = p.run(ctx)
	stop()
	if ferr := n.flush(ctx); err == nil {
		err = ferr
	}
	return n.summary(time.Since(begin)), err
}

// sensor opens the input and creates its producer.
func (n *node) sensor(ctx context.Context, in sensor.Input) (*sensor.Sensor, error) {
	sc := sensor.Config{Decode: settings.Decode(n.cfg), Conntrack: settings.Conntrack(n.cfg), FlushTimeout: defaultGrace}
	if err := in.Open(settings.Capture(n.cfg, n.brokers, n.log), &sc); err != nil {
		return nil, err
	}
	producer, err := packets.NewProducer(n.outlive(ctx), n.client, in.Producer(n.cfg.PacketsProducer))
	if err != nil {
		return nil, errors.Join(err, sc.Source.Close())
	}
	n.closers = append(n.closers, producer.Close)
	return sensor.New(sc, producer, n.client, n.ledger), nil
}

// flush waits until the brokers have acknowledged everything that was published; after a
// signal, only slightly longer than telemetry has waited.
func (n *node) flush(ctx context.Context) error {
	last, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	stop := context.AfterFunc(ctx, func() { time.AfterFunc(stopBudget/10, cancel) })
	defer stop()
	return n.client.Flush(last)
}

// outlive returns a context that ends some time after ctx: what was captured before a
// signal can still be sent, but an unreachable broker does not block the process.
func (n *node) outlive(ctx context.Context) context.Context {
	longer, cancel := context.WithCancel(context.WithoutCancel(ctx))
	context.AfterFunc(ctx, func() {
		select {
		case <-longer.Done():
		case <-time.After(stopBudget / 4):
			cancel()
		}
	})
	n.closers = append(n.closers, cancel)
	return longer
}

// sensorProgress reads the progress of a running sensor. Frames are those of the ledger:
// a source that repeats its files cannot be asked from another goroutine.
func (n *node) sensorProgress(s *sensor.Sensor) func() settings.Progress {
	captured := n.ledger.Stage("capture")
	return func() (p settings.Progress) {
		p.Packets = captured.Counts().In
		p.Done, p.Total = s.BytesRead()
		return p
	}
}
