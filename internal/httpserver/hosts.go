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
)

// How often the machine is asked for its names and addresses.
const (
	hostsEvery  = time.Minute     // in the background
	hostsAtMost = time.Second     // for a request with an unknown Host
	lookupLimit = 5 * time.Second // for the name with its domain, which may need DNS
)

// machine is what the system says of itself; tests replace it.
type machine struct {
	addrs    func() ([]net.Addr, error)
	hostname func() (string, error)
	cname    func(context.Context, string) (string, error)
}

func thisMachine() machine {
	return machine{net.InterfaceAddrs, os.Hostname, net.DefaultResolver.LookupCNAME}
}

// Hosts knows by which hosts this server goes: the machine's addresses and names,
// localhost, and those that are configured.
type Hosts struct {
	sys     machine
	names   []string     // configured, in lower case
	literal []netip.Addr // configured

	mu    sync.Mutex
	addrs map[netip.Addr]bool
	own   []string // names of the machine, in lower case
	fqdn  string   // as the resolver says, "" where that is not known
	asked time.Time
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

// Allowed reports whether a request for host, with or without a port, is for this
// server. local is the connection's own address, nil where it is not known.
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
	if now := time.Now(); now.Sub(h.asked) >= hostsAtMost {
		h.refreshLocked(now)
	}
	return known()
}

// run keeps what is known up to date until ctx ends.
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

// refreshLocked asks the system. What it does not say stays as it was.
func (h *Hosts) refreshLocked(now time.Time) {
	h.asked = now
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

// lookup finds the host name with its domain. The resolver may add a domain, and no more:
// an answer that begins with another name is not the machine's.
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

// HostName is the host of host[:port] in lower case, without brackets, zone and the dot
// at the end; "" where there is none.
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

// IsLoopback reports whether host, as HostName gives it, is this machine for itself.
func IsLoopback(host string) bool {
	ip, ok := literal(host)
	return host == "localhost" || strings.HasSuffix(host, ".localhost") || ok && ip.IsLoopback()
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
