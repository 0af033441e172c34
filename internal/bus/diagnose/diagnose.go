package diagnose

import (
	"context"
	"time"

	"github.com/netlyra/netlyra/internal/bus/client"
	"github.com/netlyra/netlyra/internal/models/vocabulary"
	"github.com/netlyra/netlyra/internal/obs"
)

// Request selects the cluster and the checks of Run.
type Request struct {
	Config client.Config
	Deps   client.Deps
	Groups []string         // consumer groups to check; for Config.EngineGroup, also its lanes
	Lanes  int32            // ENGINE_LANES; 0: 1
	Now    func() time.Time // wall clock; nil: time.Now
}

// diagnosis is one call of Run.
type diagnosis struct {
	Request
	c *client.Client // nil until a broker answers
}

// checkTimeout limits the duration of one check.
const checkTimeout = 10 * time.Second

// Run checks a cluster with the settings of NetLyra and passes each finding to report, on
// the calling goroutine, as soon as it is available. It changes nothing on the cluster. If no
// broker is usable, Run returns after the findings about the brokers.
func Run(ctx context.Context, x Request, report func(obs.Finding)) {
	if x.Now == nil {
		x.Now = time.Now
	}
	d := &diagnosis{Request: x}
	found, usable := d.brokers(ctx)
	for _, f := range found {
		report(f.Coded(vocabulary.DoctorBroker))
	}
	if !usable {
		return
	}
	c, err := client.Dial(ctx, x.Config, x.Deps)
	if err != nil {
		report(obs.Fail("cluster", "see the findings about the brokers", "%v", err).Coded(vocabulary.DoctorCluster))
		return
	}
	defer c.Close()
	d.c = c
	for _, check := range []struct {
		name string
		code string // of findings that have none
		run  func(context.Context) ([]obs.Finding, error)
	}{
		{"cluster", vocabulary.DoctorCluster, d.cluster},
		{"topics", vocabulary.DoctorTopics, d.topics},
		{"groups", vocabulary.DoctorGroups, d.groups},
		{"transactions", vocabulary.DoctorTransactions, d.transactions},
		{"checkpoints", vocabulary.DoctorCheckpoints, d.checkpoints},
		{"clocks", vocabulary.DoctorBrokerClocks, d.clocks},
	} {
		cctx, cancel := context.WithTimeout(ctx, checkTimeout)
		found, err := check.run(cctx)
		cancel()
		if err != nil {
			report(obs.Fail(check.name, "if other requests succeed, this user may not be authorized for this one", "%v", err).Coded(check.code))
		}
		for _, f := range found {
			report(f.Coded(check.code))
		}
	}
}
