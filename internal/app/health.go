package app

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/netlyra/netlyra/internal/obs"
)

// maxAiling is how many troubles of other processes are told.
const maxAiling = 8

// othersHealth says what the other processes say is wrong with them. It degrades the
// core without stopping it.
func (f *feed) othersHealth() error {
	var errs []error
	own := instanceName()
	for _, i := range f.aggregator.Stats().Instances {
		if i.Instance == own {
			continue // its components are in the answer by their names
		}
		for _, component := range slices.Sorted(maps.Keys(i.Health)) {
			said := i.Health[component]
			if said != obs.StatusOK && !strings.HasPrefix(said, obs.Standby) {
				errs = append(errs, fmt.Errorf("%s %s: %s: %s", i.Role, i.Instance, component, said))
			}
		}
	}
	if more := len(errs) - maxAiling; more > 0 {
		errs = append(errs[:maxAiling], fmt.Errorf("and %d more", more))
	}
	return obs.Minor(obs.Together(errs...))
}
