package main

import (
	"bytes"
	"fmt"
	"os"
	"syscall"
	"time"

	"github.com/swimpair/swim/proto/swim"
	"github.com/swimpair/swim/tests/sim"
)

// runScale runs one large cluster that is formed already, of which some hosts die at equal
// distances of time, and prints what that costs. It fails if a survivor misses one of the
// deaths, or tells of one that was none.
func runScale(seed uint64, n, deaths int, simulated time.Duration) (ok bool) {
	start := time.Now()
	w := sim.New(seed, nil)
	w.Form(n)
	formed := cpuTime()
	for i := range deaths {
		w.Run(simulated / time.Duration(deaths+1))
		w.Nodes[i].PowerOff()
	}
	w.Run(simulated - w.Now())
	took, cpu := time.Since(start), cpuTime()
	fmt.Printf("%d nodes, %d deaths, %s simulated (%.1f node-hours) in %.1f s: %d events, %.0f events/s\n",
		n, deaths, simulated, simulated.Hours()*float64(n), took.Seconds(), w.Events, float64(w.Events)/took.Seconds())
	fmt.Printf("%.1f s of CPU, %.1f of them to form, so %.0f events in each second of the rest; at most %s of memory\n",
		cpu.Seconds(), formed.Seconds(), float64(w.Events)/(cpu-formed).Seconds(), peakMemory())
	wrong := 0
	for i, observer := range w.Nodes[deaths:] {
		if failed := observer.Count(swim.Failed); failed != deaths {
			wrong++
			fmt.Printf("node %d says that %d nodes have failed\n", deaths+i+1, failed)
		}
	}
	return wrong == 0
}

// cpuTime is what this process has used of it: on a busy machine the honest measure.
func cpuTime() time.Duration {
	var used syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &used) != nil {
		return 0
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

// peakMemory is the largest that this process has been, as Linux knows it.
func peakMemory() string {
	status, _ := os.ReadFile("/proc/self/status")
	for line := range bytes.Lines(status) {
		var kib float64
		if _, err := fmt.Sscanf(string(line), "VmHWM: %f kB", &kib); err == nil {
			return fmt.Sprintf("%.2f GiB", kib/(1<<20))
		}
	}
	return "an unknown amount"
}
