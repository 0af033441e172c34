package app

import (
	"context"
	"log/slog"

	"github.com/netlyra/netlyra/internal/bus/embedded"
	"github.com/netlyra/netlyra/internal/config"
	"github.com/netlyra/netlyra/internal/obs"
	"github.com/netlyra/netlyra/internal/settings"
)

// Broker runs the embedded broker alone until ctx ends. advertise is the address that
// clients are given, "" for the address it listens on. ready is called with that address.
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
