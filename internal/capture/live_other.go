//go:build !linux

package capture

import (
	"fmt"
	"runtime"
)

func openLive(iface string, _ Options) (Source, error) {
	return nil, fmt.Errorf("capture on %s: live capture works on Linux only, not on %s. Capture with tcpdump and pipe it in: tcpdump -i %s -U -w - | netlyra up --replay -", iface, runtime.GOOS, iface)
}
