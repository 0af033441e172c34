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

// Open captures from a network interface until the source is closed. If the privilege is
// missing, the interface is unknown or the system is not Linux, the error says what to do.
//
// The kernel shows each packet of the loopback interface twice, outgoing and incoming; Next
// yields it once. While the interface is down, Next returns capture.ErrIdle; capture resumes
// when it is up again. VLAN tags that the network card removed are restored.
func Open(iface string, opts capture.Options) (capture.Source, error) {
	if err := opts.Validate(); err != nil {
		return nil, err
	}
	if _, err := net.InterfaceByName(iface); err != nil {
		return nil, unknownInterface(iface)
	}
	return openLive(iface, opts.WithDefaults())
}

// Interfaces returns the names of the network interfaces of this host, sorted.
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

// unknownInterface returns an error that lists the existing interfaces.
func unknownInterface(iface string) error {
	if iface == "any" {
		return fmt.Errorf("interface any mixes link types, which is not supported: name one of %s", strings.Join(Interfaces(), ", "))
	}
	return fmt.Errorf("interface %q does not exist: name one of %s", iface, strings.Join(Interfaces(), ", "))
}

// explain adds to a permission error the command that grants the privilege.
func explain(iface string, err error) error {
	if !errors.Is(err, os.ErrPermission) {
		return fmt.Errorf("capture on %s: %w", iface, err)
	}
	exe, xerr := os.Executable()
	if xerr != nil {
		exe = "/path/to/netlyra"
	}
	return fmt.Errorf("capture on %s: no permission. Run: sudo setcap cap_net_raw,cap_net_admin=eip %s   or read a capture file: netlyra up --replay FILE: %w", iface, shellQuote(exe), err)
}

// shellQuote quotes a path with characters that a shell interprets.
func shellQuote(s string) string {
	if strings.IndexFunc(s, func(r rune) bool {
		return !strings.ContainsRune("/._-+=:@%,", r) && (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z')
	}) < 0 {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}
