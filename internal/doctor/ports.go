package doctor

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/netlyra/netlyra/internal/obs"
)

// apiPort checks that the port of the API is free or in use by NetLyra.
func (d *doctor) apiPort(ctx context.Context) []obs.Finding {
	return []obs.Finding{d.port(ctx, "API_PORT", d.cfg.APIPort, apiAnswers)}
}

// wsPort checks that the port of the WebSocket is free or in use by NetLyra.
func (d *doctor) wsPort(ctx context.Context) []obs.Finding {
	return []obs.Finding{d.port(ctx, "WS_PORT", d.cfg.WSPort, socketAnswers)}
}

// port tries to listen. If the port is in use, probe determines whether NetLyra uses it and
// whether that process is healthy.
func (d *doctor) port(ctx context.Context, key string, port int, probe func(ctx context.Context, addr string) (status string, healthy, ok bool)) obs.Finding {
	addr := net.JoinHostPort(d.cfg.APIHost, strconv.Itoa(port))
	l, err := net.Listen("tcp", addr)
	if err == nil {
		_ = l.Close()
		if port == 0 {
			return obs.Found(key, "any free port")
		}
		return obs.Found(key, "%s is free", addr)
	}
	switch {
	case errors.Is(err, os.ErrPermission):
		return obs.Fail(key, "use a port above 1023, or grant the capability: setcap cap_net_bind_service=ep", "%v", err)
	case !errors.Is(err, syscall.EADDRINUSE):
		return obs.Fail(key, "set API_HOST to an address of this host", "%v", err)
	}
	host := d.cfg.APIHost
	if ip := net.ParseIP(host); ip != nil && ip.IsUnspecified() {
		host = "localhost"
	}
	status, healthy, ok := probe(ctx, net.JoinHostPort(host, strconv.Itoa(port)))
	switch {
	case !ok:
		return obs.Fail(key, "stop the other program, or set "+key, "%s is in use by another program", addr)
	case !healthy:
		return obs.Warn(key, "see GET /api/v1/health and the log of that process", "%s is in use by NetLyra, which is degraded: %s", addr, status)
	}
	return obs.Found(key, "%s is in use by NetLyra%s", addr, status)
}

// ask sends a GET request, bypassing proxies, and returns the response.
func ask(ctx context.Context, url string) (status int, body []byte, err error) {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return 0, nil, err
	}
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}} // without proxies
	resp, err := client.Do(req)
	if err != nil {
		return 0, nil, err
	}
	body, err = io.ReadAll(io.LimitReader(resp.Body, 1<<20))
	return resp.StatusCode, body, errors.Join(err, resp.Body.Close())
}

// apiAnswers recognizes NetLyra's API by its health.
func apiAnswers(ctx context.Context, addr string) (status string, healthy, ok bool) {
	_, body, err := ask(ctx, "http://"+addr+"/api/v1/health")
	var health struct {
		Status     string            `json:"status"`
		Components map[string]string `json:"components"`
	}
	if err != nil || json.Unmarshal(body, &health) != nil || health.Status == "" || health.Components == nil {
		return "", false, false
	}
	if health.Status == obs.StatusOK {
		return ", which is healthy", true, true
	}
	var degraded []string
	for name, state := range health.Components {
		if state != obs.StatusOK {
			degraded = append(degraded, fmt.Sprintf("%s: %s", name, state))
		}
	}
	slices.Sort(degraded)
	return strings.Join(degraded, "; "), false, true
}

// socketAnswers recognizes NetLyra's WebSocket by its response to plain HTTP.
func socketAnswers(ctx context.Context, addr string) (status string, healthy, ok bool) {
	code, body, err := ask(ctx, "http://"+addr+"/ws")
	ok = err == nil && code == http.StatusUpgradeRequired && strings.Contains(string(body), "WebSocket")
	return "", ok, ok
}
