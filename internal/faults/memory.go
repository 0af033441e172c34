package faults

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"time"
)

// watchEvery is how often a process's memory is looked at, so that its peak is known
// when it has ended.
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

// Memory is how many bytes the process has in memory (RSS) and the most that it ever
// had; 0 for now where it has ended. Where there is no /proc both are 0.
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

// field is a size in a status file of /proc, in bytes.
func field(status []byte, name string) uint64 {
	_, rest, ok := bytes.Cut(status, []byte("\n"+name))
	if words := bytes.Fields(rest); ok && len(words) > 0 {
		n, _ := strconv.ParseUint(string(words[0]), 10, 64)
		return n << 10
	}
	return 0
}
