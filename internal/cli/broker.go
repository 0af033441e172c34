package cli

import (
	"fmt"

	"github.com/netlyra/netlyra/internal/app"
	"github.com/netlyra/netlyra/internal/config"
)

// brokerCmd runs only the embedded broker.
type brokerCmd struct {
	Listen         string `help:"Address to listen on; port 0 selects a free one. Beyond loopback clients must authenticate: set KAFKA_SASL_MECHANISM, KAFKA_SASL_USER and KAFKA_SASL_PASSWORD." default:"127.0.0.1:9092" placeholder:"HOST:PORT"`
	Advertise      string `help:"Address that clients connect to, if it differs from the listen address." placeholder:"HOST:PORT"`
	DataDir        string `key:"DATA_DIR" default:"data" help:"Directory of the log."`
	config.Broker  `embed:"" group:"Embedded broker"`
	config.Packets `embed:"" group:"Packets topic"`
	config.Process `embed:"" group:"Process"`
}

func (c *brokerCmd) isService() bool { return true }

// Run returns after a signal.
func (c *brokerCmd) Run(e *env) error {
	return app.Broker(e.ctx, e.cfg, c.Listen, c.Advertise, e.log, func(addr string) {
		fmt.Fprintf(e.stdout, "broker listening on %s; use it with KAFKA_BROKERS=%s\n", addr, addr)
	})
}
