package doctor

import (
	"context"
	"encoding/json"
	"net"
	"net/http"
	"strconv"

	"github.com/netlyra/netlyra/internal/models"
	"github.com/netlyra/netlyra/internal/netlimit"
	"github.com/netlyra/netlyra/internal/obs"
)

const (
	fewFiles = 1024 // lower limits are too small for many segments or many clients
	noFiles  = 64   // the lowest limit that was tested; an idle NetLyra has some dozens open
)

const moreFiles = "raise it: ulimit -n 65536, or LimitNOFILE=65536 in the service's unit"

// openFiles reports the limit of this user's processes and what running ones have open.
func (d *doctor) openFiles(ctx context.Context) []obs.Finding {
	const check = "open files"
	limit, ok := netlimit.DescriptorLimit()
	var found []obs.Finding
	switch {
	case !ok:
	case limit < noFiles:
		found = append(found, obs.Fail(check, moreFiles, "limit %d", limit))
	case limit < fewFiles:
		found = append(found, obs.Warn(check, moreFiles, "limit %d", limit))
	default:
		found = append(found, obs.Found(check, "limit %d", limit))
	}
	return append(found, d.openFilesOfOthers(ctx)...)
}

// openFilesOfOthers reports the open files of all processes, from the core at API_PORT; none
// without a core.
func (d *doctor) openFilesOfOthers(ctx context.Context) (found []obs.Finding) {
	if d.cfg.APIPort == 0 {
		return nil
	}
	host := d.cfg.APIHost
	if ip := net.ParseIP(host); ip != nil && ip.IsUnspecified() {
		host = "localhost"
	}
	status, body, err := ask(ctx, "http://"+net.JoinHostPort(host, strconv.Itoa(d.cfg.APIPort))+"/api/v1/stats")
	var stats models.Stats
	if err != nil || status != http.StatusOK || json.Unmarshal(body, &stats) != nil {
		return nil // the check of the port reports who listens
	}
	for _, i := range stats.Instances {
		u := i.Descriptors
		if u == nil || u.Limit == 0 {
			continue
		}
		f := obs.Found("open files of "+i.Role+" "+i.Instance, "%d of %d", u.Open, u.Limit)
		if code := obs.DescriptorShortage(u); code != "" {
			f.Status, f.Code, f.Advice = obs.StatusWarning, code, moreFiles
		}
		found = append(found, f)
	}
	return found
}
