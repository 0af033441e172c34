package app

import (
	"context"
	"errors"
	"log/slog"

	"github.com/netlyra/netlyra/internal/bus/embedded"
	"github.com/netlyra/netlyra/internal/config"
	"github.com/netlyra/netlyra/internal/obs"
)

// embeddedAny lets the embedded broker take any free port: nobody but this process
// needs to know it.
const embeddedAny = "127.0.0.1:0"

// errNoBrokers is what roles without a broker of their own say.
var errNoBrokers = errors.New("KAFKA_BROKERS is empty: name the brokers of a cluster, or start one here with 'netlyra broker' and set KAFKA_BROKERS=127.0.0.1:9092")

// Broker runs the embedded broker alone until ctx ends. Clients are told the address
// advertise, "" for the one where it listens; so is ready.
func Broker(ctx context.Context, cfg *config.Config, listen, advertise string, log *slog.Logger, ready func(addr string)) error {
	bc := brokerConfig(cfg, listen, log)
	bc.Advertise = advertise
	b, err := embedded.Start(ctx, bc)
	if err != nil {
		return err
	}
	go obs.NewDescriptors().Watch(ctx, log)
	ready(b.Addr())
	<-ctx.Done()
	return b.Close()
}
