package bench

import (
	"fmt"
	"os"
	"strings"
	"syscall"
	"time"
)

// machine is the CPU time of the whole machine so far, and what of it is ours to explain. Other
// work on the same cores makes every time longer, so it is reported beside the figures.
type machine struct {
	busy, all uint64        // of all cores, in ticks, proc_stat(5)
	own       time.Duration // of this process
	children  time.Duration // of its children that have ended
}

// ticks per second of /proc/stat, the same on all architectures that Go knows.
const ticks = 100

func machineNow() machine {
	m := machine{own: usage(syscall.RUSAGE_SELF), children: usage(syscall.RUSAGE_CHILDREN)}
	if text, err := os.ReadFile("/proc/stat"); err == nil {
		m.busy, m.all = parseStat(string(text))
	}
	return m
}

func usage(who int) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(who, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// parseStat reads the line of all cores: user nice system idle iowait irq softirq steal.
func parseStat(text string) (busy, all uint64) {
	line, _, _ := strings.Cut(text, "\n")
	var t [8]uint64
	if _, err := fmt.Sscanf(line, "cpu %d %d %d %d %d %d %d %d", &t[0], &t[1], &t[2], &t[3], &t[4], &t[5], &t[6], &t[7]); err != nil {
		return 0, 0
	}
	for _, ticks := range t {
		all += ticks
	}
	return all - t[3] - t[4], all
}

// others is the share of the machine that has been taken since by work that is neither this
// process, nor its children that have ended, nor those that live and took so much.
func (m machine) others(before machine, living ...time.Duration) float64 {
	if m.all == before.all {
		return 0
	}
	known := m.own - before.own + m.children - before.children
	for _, cpu := range living {
		known += cpu
	}
	busy := float64(m.busy-before.busy) - known.Seconds()*ticks
	return max(0, busy/float64(m.all-before.all))
}
