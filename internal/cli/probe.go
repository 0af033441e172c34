package cli

import (
	"github.com/netlyra/netlyra/internal/app"
	"github.com/netlyra/netlyra/internal/config"
	"github.com/netlyra/netlyra/internal/sensor"
	"github.com/netlyra/netlyra/internal/settings"
)

// probeCmd captures and publishes.
type probeCmd struct {
	config.Kafka   `embed:"" group:"Kafka"`
	config.Packets `embed:"" group:"Packets topic"`
	config.Capture `embed:"" group:"Capture"`
	config.Conn    `embed:"" group:"Connections"`
	config.Process `embed:"" group:"Process"`
}

func (c *probeCmd) isService() bool { return true }

// Run returns after a signal.
func (c *probeCmd) Run(e *env) error {
	if e.cfg.CaptureIface == "" {
		return usagef("probe requires --iface NAME, the interface to capture from")
	}
	_, err := app.Probe(e.ctx, e.cfg, sensor.Input{Iface: e.cfg.CaptureIface}, app.Options{Options: settings.Options{Log: e.log}, Role: "probe"})
	return err
}
