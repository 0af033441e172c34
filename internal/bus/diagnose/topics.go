package diagnose

import (
	"context"

	"github.com/netlyra/netlyra/internal/models/vocabulary"
	"github.com/netlyra/netlyra/internal/obs"
)

// topics compares the topics with the configuration: one finding for all if they match,
// else the differences.
func (d *diagnosis) topics(ctx context.Context) ([]obs.Finding, error) {
	compared, err := d.c.CompareTopics(ctx)
	if err != nil {
		return nil, err
	}
	names := d.Config.Topics.All()
	var found []obs.Finding
	missing := 0
	for _, name := range names {
		found = append(found, compared[name]...)
		for _, f := range compared[name] {
			if f.Code == vocabulary.DoctorTopicMissing {
				missing++
			}
		}
	}
	switch {
	case missing == len(names):
		return []obs.Finding{obs.Found("topics", "none exist yet; any role of NetLyra creates them at start, if its user may create topics")}, nil
	case len(found) == 0:
		found = append(found, obs.Found("topics", "all %d match the configuration; %s has %d partitions", len(names), d.Config.Topics.Packets, d.Config.Partitions))
	}
	return found, nil
}
