package cli

import (
	"github.com/netlyra/netlyra/internal/app"
	"github.com/netlyra/netlyra/internal/config"
	"github.com/netlyra/netlyra/internal/settings"
)

// engineCmd runs an engine.
type engineCmd struct {
	config.Kafka   `embed:"" group:"Kafka"`
	config.Packets `embed:"" group:"Packets topic"`
	config.Detect  `embed:"" group:"Detection"`
	config.Process `embed:"" group:"Process"`
}

func (c *engineCmd) isService() bool { return true }

// Run returns after a signal.
func (c *engineCmd) Run(e *env) error {
	return app.Engine(e.ctx, e.cfg, app.Options{Options: settings.Options{Log: e.log}})
}
