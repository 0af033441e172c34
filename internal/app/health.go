package app

import (
	"maps"
	"slices"

	"github.com/netlyra/netlyra/internal/models"
	"github.com/netlyra/netlyra/internal/models/vocabulary"
	"github.com/netlyra/netlyra/internal/obs"
)

// maxOthers is how many conditions of other processes are shown.
const maxOthers = 8

// othersHealth returns the conditions of the other processes, without those that are
// only info. Each keeps its code and gets the parameters instance, role and component.
// They degrade the core and never fail it.
func (f *feed) othersHealth() error {
	var errs []error
	own := instanceName()
	for _, i := range f.aggregator.Stats().Instances {
		if i.Instance == own {
			continue // its components are listed by their own names
		}
		for _, c := range conditionsOf(&i) {
			if c.Severity == vocabulary.SeverityInfo {
				continue
			}
			params := obs.Params{}
			maps.Copy(params, c.Params)
			params["instance"], params["role"], params["component"] = i.Instance, i.Role, c.Stage
			errs = append(errs, obs.Degraded(c.Code, params, "%s %s: %s: %s", i.Role, i.Instance, c.Stage, c.Text))
		}
	}
	if more := len(errs) - maxOthers; more > 0 {
		errs = append(errs[:maxOthers], obs.Degraded(vocabulary.ConditionMore, obs.Params{"count": more}, "and %d more", more))
	}
	return obs.Join(errs...)
}

// conditionsOf returns the conditions of a process. One of a version that reports texts
// only has a condition without an identifier for each of its unhealthy components.
func conditionsOf(i *models.InstanceState) []vocabulary.Condition {
	if len(i.Conditions) > 0 {
		return i.Conditions
	}
	var all []vocabulary.Condition
	for _, component := range slices.Sorted(maps.Keys(i.Health)) {
		if text := i.Health[component]; text != obs.StatusOK {
			all = append(all, vocabulary.Condition{
				Stage: component, Code: vocabulary.ConditionUnspecified, Severity: vocabulary.SeverityDegraded, Text: text,
			})
		}
	}
	return all
}
