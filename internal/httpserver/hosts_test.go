package httpserver

import (
	"context"
	"errors"
	"net"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// fake is a machine with configurable names and addresses.
type fake struct {
	addrs    []string
	hostname string
	cname    string
	lookups  atomic.Int32
}

func (f *fake) machine() machine {
	return machine{
		addrs: func() (out []net.Addr, err error) {
			f.lookups.Add(1)
			for _, a := range f.addrs {
				ip, n, err := net.ParseCIDR(a)
				if err != nil {
					return nil, err
				}
				out = append(out, &net.IPNet{IP: ip, Mask: n.Mask})
			}
			return out, nil
		},
		hostname: func() (string, error) { return f.hostname, nil },
		cname: func(context.Context, string) (string, error) {
			if f.cname == "" {
				return "", errors.New("no such host")
			}
			return f.cname, nil
		},
	}
}

func sensor() *fake {
	return &fake{addrs: []string{"127.0.0.1/8", "192.168.7.9/24", "2001:db8::9/64", "fe80::9/64"}, hostname: "Sensor", cname: "sensor.corp.example."}
}

func TestAllowedHosts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHosts([]string{"NOC.example", "proxy.example:8443", "203.0.113.7", "[2001:db8::77]"}, sensor().machine())
		ctx, cancel := context.WithCancel(t.Context())
		go h.run(ctx)
		synctest.Wait()
		local := &net.TCPAddr{IP: net.ParseIP("::ffff:10.9.9.9"), Port: 8090}
		for host, want := range map[string]bool{
			"localhost": true, "localhost:8090": true, "LOCALHOST.:8090": true, "page.localhost": true,
			"127.0.0.1:8090": true, "127.8.8.8": true, "[::1]:8090": true, "[::1]": true,
			"192.168.7.9:8090": true, "[2001:db8::9]:8090": true, "[fe80::9%25eth0]:8090": true, "[::ffff:192.168.7.9]": true,
			"10.9.9.9": true, // the local address of the connection, even if no interface has it
			"sensor":   true, "SENSOR:8090": true, "sensor.local": true, "sensor.corp.example": true, "sensor.corp.example.": true,
			"noc.example": true, "noc.example:443": true, "proxy.example": true, "203.0.113.7": true, "[2001:db8::77]:1": true,

			"": false, ":8090": false, "evil.example": false, "localhost.evil.example": false, "evillocalhost": false, "sensor.evil.example": false,
			"sensor.local.evil.example": false, "noc.example.evil": false, "x.noc.example": false, "192.168.7.10": false, "8.8.8.8": false, "0.0.0.0:8090": false,
			"[::]:8090": false, "[2001:db8::a]": false, "127.1": false, "2130706433": false, "0x7f000001": false, "127.0.0.1.evil.example": false,
			"127.0.0.1@evil.example": false, "evil.example#localhost": false, "192.168.7.9.nip.io": false,
		} {
			if got := h.Allowed(host, local); got != want {
				t.Errorf("Host %q: allowed %v, want %v", host, got, want)
			}
		}
		cancel()
		synctest.Wait()
	})
}

// The resolver may add a domain to the host name but not replace the name.
func TestCanonicalNameMustExtendHostname(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := sensor()
		m.cname = "evil.example."
		h := newHosts(nil, m.machine())
		ctx, cancel := context.WithCancel(t.Context())
		go h.run(ctx)
		synctest.Wait()
		if h.Allowed("evil.example", nil) {
			t.Error("a canonical name that does not extend the host name is allowed")
		}
		cancel()
		synctest.Wait()
	})
}

func TestAddressChangesAreFollowed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := sensor()
		h := newHosts(nil, m.machine())
		ctx, cancel := context.WithCancel(t.Context())
		go h.run(ctx)
		const host = "10.1.2.3:8090"
		if h.Allowed(host, nil) {
			t.Fatal("an address of another machine is allowed")
		}
		m.addrs = append(m.addrs, "10.1.2.3/8") // assigned by DHCP
		m.hostname = "renamed"
		before := m.lookups.Load()
		for range 1000 {
			h.Allowed("evil.example", nil)
		}
		if n := m.lookups.Load() - before; n > 1 {
			t.Errorf("%d address look-ups within a second", n)
		}
		<-time.After(hostsAtMost)
		if !h.Allowed(host, nil) || !h.Allowed("renamed", nil) {
			t.Error("the new address or name is rejected")
		}
		m.addrs = m.addrs[:1]
		<-time.After(hostsEvery + time.Second)
		synctest.Wait()
		if h.Allowed(host, nil) || h.Allowed("192.168.7.9", nil) {
			t.Error("a removed address is allowed")
		}
		cancel()
		synctest.Wait()
	})
}

func TestAddressesOfThisMachineAreAllowed(t *testing.T) {
	h := newHosts(nil, thisMachine())
	addrs, err := net.InterfaceAddrs()
	if err != nil || len(addrs) == 0 {
		t.Skip("this machine has no addresses")
	}
	for _, a := range addrs {
		n, ok := a.(*net.IPNet)
		if !ok {
			continue
		}
		if host := net.JoinHostPort(n.IP.String(), "8090"); !h.Allowed(host, nil) {
			t.Errorf("%s is rejected", host)
		}
	}
}
