package cli

import (
	"fmt"

	"github.com/netlyra/netlyra/internal/app"
	"github.com/netlyra/netlyra/internal/config"
	"github.com/netlyra/netlyra/internal/settings"
)

// upCmd runs all roles.
type upCmd struct {
	config.Config `embed:""`
	inputFlags    `embed:"" group:"Input"`
}

func (c *upCmd) isService() bool { return !c.ExitWhenDone }

// Run returns at the end of the input with --exit-when-done, else after a signal.
func (c *upCmd) Run(e *env) error {
	in, err := c.input(e.cfg)
	if err != nil {
		return err
	}
	if in.Iface == "" && len(in.Files) == 0 {
		in.Demo = true
	}
	sum, err := app.Up(e.ctx, e.cfg, in, app.Options{Options: settings.Options{Log: e.log}, ExitWhenDone: c.ExitWhenDone, Announce: e.stderr})
	if err == nil && c.ExitWhenDone {
		fmt.Fprint(e.stdout, sum)
	}
	return err
}
