package faults

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"time"
)

// watchEvery is the interval at which memory is sampled, so that the peak is known
// after the process has exited.
const watchEvery = 100 * time.Millisecond

func (p *Process) watch() {
	tick := time.NewTicker(watchEvery)
	defer tick.Stop()
	for {
		select {
		case <-p.exited:
			return
		case <-tick.C:
			p.Memory()
		}
	}
}

// Memory returns the current and the peak resident memory in bytes; now is 0 after the process
// has exited. Without /proc both are 0.
func (p *Process) Memory() (now, peak uint64) {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	p.mu.Lock()
	defer p.mu.Unlock()
	if err == nil && p.Running() {
		now = field(b, "VmRSS:")
		p.peak = max(p.peak, now, field(b, "VmHWM:"))
	}
	return now, p.peak
}

// field returns a size from a status file of /proc, in bytes.
func field(status []byte, name string) uint64 {
	_, rest, ok := bytes.Cut(status, []byte("\n"+name))
	if words := bytes.Fields(rest); ok && len(words) > 0 {
		n, _ := strconv.ParseUint(string(words[0]), 10, 64)
		return n << 10
	}
	return 0
}
