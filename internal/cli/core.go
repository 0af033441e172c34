package cli

import (
	"github.com/netlyra/netlyra/internal/app"
	"github.com/netlyra/netlyra/internal/config"
	"github.com/netlyra/netlyra/internal/settings"
)

// coreCmd runs the core.
type coreCmd struct {
	config.Config `embed:""`
	inputFlags    `embed:"" group:"Input"`
}

func (c *coreCmd) isService() bool { return true }

// Run returns after a signal.
func (c *coreCmd) Run(e *env) error {
	in, err := c.input(e.cfg)
	if err != nil {
		return err
	}
	in.Demo = c.Demo
	return app.Core(e.ctx, e.cfg, in, app.Options{Options: settings.Options{Log: e.log}, Announce: e.stderr})
}
