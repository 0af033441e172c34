package diagnose

import (
	"context"
	"time"

	"github.com/netlyra/netlyra/internal/bus/client"
	"github.com/netlyra/netlyra/internal/models/vocabulary"
	"github.com/netlyra/netlyra/internal/obs"
)

// Request is what Run looks at besides the cluster's configuration.
type Request struct {
	Config client.Config
	Deps   client.Deps
	Groups []string // consumer groups; Config.EngineGroup among them has its lanes looked at
	Lanes  int32    // ENGINE_LANES; 0 = 1
	Now    func() time.Time
}

// diagnosis looks at one cluster.
type diagnosis struct {
	Request
	c *client.Client // nil until a broker answers
}

// checkTimeout is how long one check may take.
const checkTimeout = 10 * time.Second

// Run looks at a cluster as NetLyra would use it and tells what it finds, as it
// finds it. It changes nothing there. Where no broker can be used it ends after
// saying so.
func Run(ctx context.Context, x Request, tell func(obs.Finding)) {
	if x.Now == nil {
		x.Now = time.Now
	}
	d := &diagnosis{Request: x}
	found, usable := d.brokers(ctx)
	for _, f := range found {
		tell(f.Coded(vocabulary.DoctorBroker))
	}
	if !usable {
		return
	}
	c, err := client.Dial(ctx, x.Config, x.Deps)
	if err != nil {
		tell(obs.Fail("cluster", "see the brokers above", "%v", err).Coded(vocabulary.DoctorCluster))
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
			tell(obs.Fail(check.name, "if the brokers answer otherwise, this user may lack the right to ask", "%v", err).Coded(check.code))
		}
		for _, f := range found {
			tell(f.Coded(check.code))
		}
	}
}
