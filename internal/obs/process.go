package obs

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"strconv"
	"time"
)

// ErrNoProc is returned where the system has no /proc.
var ErrNoProc = errors.New("/proc of Linux is needed")

// Memory is the memory use of a process, in bytes.
type Memory struct{ RSS, PeakRSS uint64 }

// ProcessMemory returns the memory use of this process, from /proc/self/status.
func ProcessMemory() (Memory, error) {
	b, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return Memory{}, fmt.Errorf("memory use of the process: %w (%w)", ErrNoProc, err)
	}
	return parseStatus(b)
}

func parseStatus(b []byte) (m Memory, err error) {
	for line := range bytes.Lines(b) {
		f := bytes.Fields(line)
		if len(f) != 3 {
			continue
		}
		var to *uint64
		switch string(f[0]) {
		case "VmRSS:":
			to = &m.RSS
		case "VmHWM:":
			to = &m.PeakRSS
		default:
			continue
		}
		kb, err := strconv.ParseUint(string(f[1]), 10, 54)
		if err != nil {
			return Memory{}, fmt.Errorf("/proc/self/status: %s: %w", bytes.TrimSpace(line), err)
		}
		*to = kb << 10
	}
	return m, nil
}

// userHz is the unit of /proc/stat, which the kernel's interface fixes.
const userHz = 100

// MachineCPU returns the time that the processors of the machine were busy since it
// started, summed over all.
func MachineCPU() (time.Duration, error) {
	b, err := os.ReadFile("/proc/stat")
	if err != nil {
		return 0, fmt.Errorf("CPU time of the machine: %w (%w)", ErrNoProc, err)
	}
	return parseStat(b)
}

// parseStat adds user, nice, system, irq, softirq and steal of the line "cpu".
func parseStat(b []byte) (time.Duration, error) {
	line, _, _ := bytes.Cut(b, []byte("\n"))
	f := bytes.Fields(line)
	if len(f) < 9 || string(f[0]) != "cpu" {
		return 0, fmt.Errorf("/proc/stat: first line %.60q", line)
	}
	var busy uint64
	for _, i := range []int{1, 2, 3, 6, 7, 8} {
		n, err := strconv.ParseUint(string(f[i]), 10, 48)
		if err != nil {
			return 0, fmt.Errorf("/proc/stat: first line %.60q: %w", line, err)
		}
		busy += n
	}
	return time.Duration(busy) * (time.Second / userHz), nil
}

// CPUMeter measures the CPU time of this process and of all others since it was created.
// It is not safe for concurrent use.
type CPUMeter struct {
	start        time.Time
	own, machine time.Duration
	known        bool
}

// NewCPUMeter starts a measurement.
func NewCPUMeter() *CPUMeter {
	machine, err := MachineCPU()
	return &CPUMeter{start: time.Now(), own: ProcessCPU(), machine: machine, known: err == nil}
}

// CPUUse is a measurement.
type CPUUse struct {
	Elapsed time.Duration
	Own     time.Duration // CPU time of this process
	Others  float64       // average number of cores that other processes used
	Known   bool          // whether Others could be measured
}

// Use returns the measurement so far.
func (m *CPUMeter) Use() CPUUse {
	u := CPUUse{Elapsed: time.Since(m.start), Own: ProcessCPU() - m.own}
	machine, err := MachineCPU()
	if err != nil || !m.known || u.Elapsed <= 0 {
		return u
	}
	u.Known = true
	u.Others = max(0, float64(machine-m.machine-u.Own)/float64(u.Elapsed))
	return u
}
