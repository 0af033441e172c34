package live

import (
	"errors"
	"fmt"
	"net"
	"os"
	"slices"
	"strings"

	"github.com/netlyra/netlyra/internal/capture"
)

// Open captures from an interface of Linux until it is closed. Without the
// privilege, with an unknown interface, or on another system it fails with an error
// that says what to do.
//
// On the loopback interface, where the kernel shows each packet on its way out and
// again on its way in, each is yielded once. While the interface is down Next says
// ErrIdle and goes on when it comes up again. VLAN tags that the network card took
// off are put back.
func Open(iface string, opts capture.Options) (capture.Source, error) {
	if err := opts.Validate(); err != nil {
		return nil, err
	}
	if _, err := net.InterfaceByName(iface); err != nil {
		return nil, unknownInterface(iface)
	}
	return openLive(iface, opts.WithDefaults())
}

// Interfaces is the names of the interfaces of this host, sorted.
func Interfaces() []string {
	list, err := net.Interfaces()
	if err != nil {
		return nil
	}
	names := make([]string, 0, len(list))
	for _, i := range list {
		names = append(names, i.Name)
	}
	slices.Sort(names)
	return names
}

// unknownInterface lists those that exist.
func unknownInterface(iface string) error {
	if iface == "any" {
		return fmt.Errorf("interface any: it mixes link types, name one of %s", strings.Join(Interfaces(), ", "))
	}
	return fmt.Errorf("interface %q does not exist, there are %s", iface, strings.Join(Interfaces(), ", "))
}

// explain turns a missing privilege into the line that grants it to this binary.
func explain(iface string, err error) error {
	if !errors.Is(err, os.ErrPermission) {
		return fmt.Errorf("capture on %s: %w", iface, err)
	}
	exe, xerr := os.Executable()
	if xerr != nil {
		exe = "/path/to/netlyra"
	}
	return fmt.Errorf("capture on %s: no privilege. Run: sudo setcap cap_net_raw,cap_net_admin=eip %s   or read a capture instead: netlyra up --replay FILE: %w", iface, shellQuote(exe), err)
}

// shellQuote quotes a path that a shell would take apart.
func shellQuote(s string) string {
	if strings.IndexFunc(s, func(r rune) bool {
		return !strings.ContainsRune("/._-+=:@%,", r) && (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z')
	}) < 0 {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}
