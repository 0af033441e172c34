//go:build !linux

package live

import (
	"fmt"
	"runtime"

	"github.com/netlyra/netlyra/internal/capture"
)

func openLive(iface string, _ capture.Options) (capture.Source, error) {
	return nil, fmt.Errorf("capture on %s: live capture requires Linux, not %s; pipe tcpdump in: tcpdump -i %s -U -w - | netlyra up --replay -", iface, runtime.GOOS, iface)
}
