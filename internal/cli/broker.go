package cli

import (
	"fmt"

	"github.com/netlyra/netlyra/internal/app"
	"github.com/netlyra/netlyra/internal/config"
)

// brokerCmd runs the embedded broker alone.
type brokerCmd struct {
	Listen         string `help:"Address to listen on; port 0 takes any free one. Beyond loopback clients must log in: set KAFKA_SASL_MECHANISM, KAFKA_SASL_USER and KAFKA_SASL_PASSWORD." default:"127.0.0.1:9092" placeholder:"HOST:PORT"`
	Advertise      string `help:"Address that clients are told, where it is another than the one to listen on." placeholder:"HOST:PORT"`
	DataDir        string `key:"DATA_DIR" default:"data" help:"Directory of the log."`
	config.Broker  `embed:"" group:"Embedded broker"`
	config.Packets `embed:"" group:"Packets topic"`
	config.Process `embed:"" group:"Process"`
}

func (c *brokerCmd) isService() bool { return true }

// Run serves until an interrupt.
func (c *brokerCmd) Run(e *env) error {
	return app.Broker(e.ctx, e.cfg, c.Listen, c.Advertise, e.log, func(addr string) {
		fmt.Fprintf(e.stdout, "broker listening on %s; use it with KAFKA_BROKERS=%s\n", addr, addr)
	})
}
