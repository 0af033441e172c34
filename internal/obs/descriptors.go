package obs

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/netlyra/netlyra/internal/models"
	"github.com/netlyra/netlyra/internal/models/vocabulary"
	"github.com/netlyra/netlyra/internal/netlimit"
)

// Shares of the limit from which on the use of descriptors is spoken of, in percent.
const (
	descriptorsHigh     = 80
	descriptorsCritical = 90
)

// descriptorsEvery is how often the open descriptors are counted at most: a count lists
// all of them.
const descriptorsEvery = time.Second

// Descriptors watches how many file descriptors the process has open. Its methods may be
// called from any goroutine.
type Descriptors struct {
	count func() (open uint64, ok bool)
	limit func() (limit uint64, ok bool)
	spare func(int) bool

	mu      sync.Mutex
	counted time.Time
	use     models.Descriptors
	known   bool
}

// NewDescriptors watches this process.
func NewDescriptors() *Descriptors {
	return &Descriptors{count: netlimit.OpenDescriptors, limit: netlimit.DescriptorLimit, spare: netlimit.Spare}
}

// Use is the number of a moment ago; nil where the system does not tell.
func (d *Descriptors) Use() *models.Descriptors {
	d.mu.Lock()
	defer d.mu.Unlock()
	if now := time.Now(); d.counted.IsZero() || now.Sub(d.counted) >= descriptorsEvery {
		d.counted = now
		d.look()
	}
	if !d.known {
		return nil
	}
	use := d.use
	return &use
}

// look counts. To list the descriptors takes one: where none is left, all are in use.
func (d *Descriptors) look() {
	limit, ok := d.limit()
	if !ok || limit == 0 {
		d.known = false
		return
	}
	open, ok := d.count()
	switch {
	case ok:
	case !d.spare(1):
		open = limit
	default:
		d.known = false
		return
	}
	d.use, d.known = models.Descriptors{Open: open, Limit: limit}, true
}

// Watch logs when few descriptors are left, and when there are enough again, until ctx
// ends. It needs no free descriptor for that.
func (d *Descriptors) Watch(ctx context.Context, log *slog.Logger) {
	tick := time.NewTicker(descriptorsEvery)
	defer tick.Stop()
	last := ""
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		use := d.Use()
		code := DescriptorShortage(use)
		switch code {
		case last:
		case "":
			log.Info("enough file descriptors are free again", "code", last)
		default:
			log.Warn("few file descriptors are left", "code", code, "open", use.Open, "limit", use.Limit)
		}
		last = code
	}
}

// DescriptorShortage is the code for this use, "" where enough are left.
func DescriptorShortage(u *models.Descriptors) string {
	if u == nil {
		return ""
	}
	switch percent := u.Open * 100 / u.Limit; {
	case percent >= descriptorsCritical:
		return vocabulary.ConditionDescriptorsCritical
	case percent >= descriptorsHigh:
		return vocabulary.ConditionDescriptorsHigh
	}
	return ""
}

// Health is an error where few descriptors are left. It degrades the process and stops
// none of its work: ports refuse connections before files cannot be opened.
func (d *Descriptors) Health() error {
	u := d.Use()
	code := DescriptorShortage(u)
	if code == "" {
		return nil
	}
	return Degraded(code, Params{"open": u.Open, "limit": u.Limit}, "%d of %d file descriptors are open; raise the limit (ulimit -n, LimitNOFILE), or lower the limits on connections", u.Open, u.Limit)
}
