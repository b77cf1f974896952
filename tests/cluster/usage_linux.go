package cluster

import (
	"fmt"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// Usage of the running process.
func (p *Process) Usage() (Usage, error) {
	pid := p.PID()
	if pid == 0 {
		return Usage{}, fmt.Errorf("%s does not run", p.Name)
	}
	cpu, err := cpuTime(pid)
	if err != nil {
		return Usage{}, fmt.Errorf("%s: cannot read its CPU time: %w", p.Name, err)
	}
	statm, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", pid))
	if err != nil {
		return Usage{}, fmt.Errorf("%s: cannot read its memory: %w", p.Name, err)
	}
	var size, resident int64 // in pages, proc(5)
	if _, err := fmt.Sscan(string(statm), &size, &resident); err != nil {
		return Usage{}, fmt.Errorf("%s: cannot understand %q of /proc: %w", p.Name, statm, err)
	}
	return Usage{RSS: resident * int64(os.Getpagesize()), CPU: cpu}, nil
}

// cpuTime reads the process's own CPU clock, as clock_getcpuclockid(3) does. It counts
// nanoseconds; /proc counts ticks of 10 ms, of which an idle daemon takes one in five
// seconds.
func cpuTime(pid int) (time.Duration, error) {
	const perProcess, schedulerClock = 0, 2
	clock := ^int32(pid)<<3 | perProcess | schedulerClock
	var t unix.Timespec
	if err := unix.ClockGettime(clock, &t); err != nil {
		return 0, err
	}
	return time.Duration(t.Nano()), nil
}
