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

// Shares of the limit, in percent, at which the use of descriptors becomes a condition.
const (
	descriptorsHigh     = 80
	descriptorsCritical = 90
)

// descriptorsEvery is the shortest interval between two counts: each lists all open
// descriptors.
const descriptorsEvery = time.Second

// Descriptors counts the open file descriptors of the process. Its methods may be called
// from any goroutine.
type Descriptors struct {
	count func() (open uint64, ok bool)
	limit func() (limit uint64, ok bool)
	spare func(int) bool

	mu      sync.Mutex
	counted time.Time
	use     models.Descriptors
	known   bool
}

// NewDescriptors returns the Descriptors of this process.
func NewDescriptors() *Descriptors {
	return &Descriptors{count: netlimit.OpenDescriptors, limit: netlimit.DescriptorLimit, spare: netlimit.Spare}
}

// Use returns the counts, at most descriptorsEvery old; nil if the system has none.
func (d *Descriptors) Use() *models.Descriptors {
	d.mu.Lock()
	defer d.mu.Unlock()
	if now := time.Now(); d.counted.IsZero() || now.Sub(d.counted) >= descriptorsEvery {
		d.counted = now
		d.update()
	}
	if !d.known {
		return nil
	}
	use := d.use
	return &use
}

// update counts. Listing the descriptors takes one: if none is left, all are in use.
func (d *Descriptors) update() {
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
// ends. It needs no free descriptor.
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
			log.Info("enough file descriptors are free again", vocabulary.EventDescriptorsFree.Attr())
		case vocabulary.ConditionDescriptorsCritical:
			log.Warn("almost no file descriptors are left", vocabulary.EventDescriptorsCritical.Attr(), "open", use.Open, "limit", use.Limit)
		default:
			log.Warn("few file descriptors are left", vocabulary.EventDescriptorsHigh.Attr(), "open", use.Open, "limit", use.Limit)
		}
		last = code
	}
}

// DescriptorShortage returns the code of the condition for this use, "" if enough are left.
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

// Health returns a condition if few descriptors are left. It degrades the process only:
// ports refuse connections before files cannot be opened.
func (d *Descriptors) Health() error {
	u := d.Use()
	code := DescriptorShortage(u)
	if code == "" {
		return nil
	}
	return Degraded(code, Params{"open": u.Open, "limit": u.Limit}, "%d of %d file descriptors are open; raise the limit (ulimit -n, LimitNOFILE), or lower the limits on connections", u.Open, u.Limit)
}
