package app

import (
	"context"
	"log/slog"

	"github.com/netlyra/netlyra/internal/bus/embedded"
	"github.com/netlyra/netlyra/internal/config"
	"github.com/netlyra/netlyra/internal/obs"
	"github.com/netlyra/netlyra/internal/settings"
)

// Broker runs the embedded broker alone until ctx ends. Clients are told the address
// advertise, "" for the one where it listens; so is ready.
func Broker(ctx context.Context, cfg *config.Config, listen, advertise string, log *slog.Logger, ready func(addr string)) error {
	bc := settings.Broker(cfg, listen, log)
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
