package cli

import (
	"fmt"

	"github.com/netlyra/netlyra/internal/app"
	"github.com/netlyra/netlyra/internal/config"
)

// brokerCmd runs the embedded broker alone.
type brokerCmd struct {
	Listen         string `help:"Loopback address to listen on; port 0 takes any free one." default:"127.0.0.1:9092" placeholder:"HOST:PORT"`
	DataDir        string `key:"DATA_DIR" default:"data" help:"Directory of the log."`
	config.Packets `embed:"" group:"Packets topic"`
	config.Process `embed:"" group:"Process"`
}

// Run serves until an interrupt.
func (c *brokerCmd) Run(e *env) error {
	return app.Broker(e.ctx, e.cfg, c.Listen, e.log, func(addr string) {
		fmt.Fprintf(e.stdout, "broker listening on %s; use it with KAFKA_BROKERS=%s\n", addr, addr)
	})
}
