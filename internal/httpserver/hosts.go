package httpserver

import (
	"context"
	"net"
	"net/netip"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/netlyra/netlyra/internal/netlimit"
)

// Intervals at which the names and addresses of the machine are read.
const (
	hostsEvery  = time.Minute     // in the background
	hostsAtMost = time.Second     // for a request with an unknown Host
	lookupLimit = 5 * time.Second // for the fully qualified name, which may need DNS
)

// machine returns the names and addresses of the system; tests replace it.
type machine struct {
	addrs    func() ([]net.Addr, error)
	hostname func() (string, error)
	cname    func(context.Context, string) (string, error)
}

func thisMachine() machine {
	return machine{net.InterfaceAddrs, os.Hostname, net.DefaultResolver.LookupCNAME}
}

// Hosts is the set of hosts of this server: the addresses and names of the machine,
// localhost, and the configured ones.
type Hosts struct {
	sys     machine
	names   []string     // configured, in lower case
	literal []netip.Addr // configured

	mu    sync.Mutex
	addrs map[netip.Addr]bool
	own   []string  // names of the machine, in lower case
	fqdn  string    // fully qualified name, "" if unknown
	read  time.Time // last refresh
}

func newHosts(allowed []string, sys machine) *Hosts {
	h := &Hosts{sys: sys}
	for _, a := range allowed {
		if host := HostName(a); host == "" {
			continue
		} else if ip, ok := literal(host); ok {
			h.literal = append(h.literal, ip)
		} else {
			h.names = append(h.names, host)
		}
	}
	h.refresh(time.Now())
	return h
}

// Allowed reports whether host, with or without a port, is a host of this server. local is
// the local address of the connection, nil if unknown.
func (h *Hosts) Allowed(host string, local net.Addr) bool {
	name := HostName(host)
	if name == "" {
		return false
	}
	ip, isIP := literal(name)
	if isIP && (ip.IsLoopback() || slices.Contains(h.literal, ip) || ip == localIP(local)) || !isIP && (IsLoopback(name) || slices.Contains(h.names, name)) {
		return true
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	known := func() bool { return isIP && h.addrs[ip] || !isIP && (slices.Contains(h.own, name) || name == h.fqdn) }
	if known() {
		return true
	}
	if now := time.Now(); now.Sub(h.read) >= hostsAtMost {
		h.refreshLocked(now)
	}
	return known()
}

// run refreshes the set periodically until ctx ends.
func (h *Hosts) run(ctx context.Context) {
	tick := time.NewTicker(hostsEvery)
	defer tick.Stop()
	for {
		h.lookup(ctx)
		select {
		case <-tick.C:
			h.refresh(time.Now())
		case <-ctx.Done():
			return
		}
	}
}

func (h *Hosts) refresh(now time.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.refreshLocked(now)
}

// refreshLocked reads names and addresses from the system. After an error the previous
// values are kept.
func (h *Hosts) refreshLocked(now time.Time) {
	h.read = now
	if list, err := h.sys.addrs(); err == nil {
		h.addrs = make(map[netip.Addr]bool, len(list))
		for _, a := range list {
			if n, ok := a.(*net.IPNet); ok {
				if ip, ok := netip.AddrFromSlice(n.IP); ok {
					h.addrs[ip.Unmap()] = true
				}
			}
		}
	}
	if name, err := h.sys.hostname(); err == nil && name != "" {
		name = strings.ToLower(strings.TrimSuffix(name, "."))
		short, _, _ := strings.Cut(name, ".")
		h.own = []string{name, short, short + ".local"} // RFC 6762: the name on the local link
	}
}

// lookup resolves the fully qualified host name. A result whose first label is not the
// host name is ignored.
func (h *Hosts) lookup(ctx context.Context) {
	h.mu.Lock()
	own := h.own
	h.mu.Unlock()
	if len(own) == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, lookupLimit)
	defer cancel()
	name, err := h.sys.cname(ctx, own[0])
	name = strings.ToLower(strings.TrimSuffix(name, "."))
	if short, _, _ := strings.Cut(name, "."); err == nil && short == own[1] {
		h.mu.Lock()
		h.fqdn = name
		h.mu.Unlock()
	}
}

// HostName returns the host of host[:port] in lower case, without brackets, zone and
// trailing dot; "" if it has none.
func HostName(hostport string) string {
	host := hostport
	if h, _, err := net.SplitHostPort(hostport); err == nil {
		host = h
	} else if strings.HasPrefix(host, "[") && strings.HasSuffix(host, "]") {
		host = host[1 : len(host)-1]
	}
	host, _, _ = strings.Cut(host, "%")
	return strings.ToLower(strings.TrimSuffix(host, "."))
}

// IsLoopback reports whether host, as returned by HostName, is a loopback address, localhost or
// a name below it, which browsers resolve to loopback.
func IsLoopback(host string) bool {
	return netlimit.IsLoopback(host) || strings.HasSuffix(host, ".localhost")
}

func literal(host string) (netip.Addr, bool) {
	ip, err := netip.ParseAddr(host)
	return ip.Unmap().WithZone(""), err == nil
}

func localIP(a net.Addr) netip.Addr {
	if t, ok := a.(*net.TCPAddr); ok {
		return t.AddrPort().Addr().Unmap().WithZone("")
	}
	return netip.Addr{}
}
