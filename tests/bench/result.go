package bench

import (
	"cmp"
	"fmt"
	"slices"
	"time"
)

// Result is what one fault, repeated, did to one cluster.
type Result struct {
	System, Fault string
	Nodes         int
	Repetitions   int
	Spreads       []Spread // of the repetitions in which all observers said so in time
	Costs         []Cost   // of the same, where it was measured
	// Wrong counts an observer saying failed of a node that had no fault; Faulted one that
	// says so of a node that was starved or paused, but lives.
	Wrong, Faulted int
	Missing        []string // why the other repetitions have no figures
}

// Cost per surviving node, from the fault to the last word.
type Cost struct {
	CPU            time.Duration
	Packets, Bytes float64 // on loopback
}

// Timed results have times until observers say something; the others only count verdicts.
func (r Result) Timed() bool { return r.Fault != pause && r.Fault != starve }

// String is one line for the progress.
func (r Result) String() string {
	line := fmt.Sprintf("%-10s n=%-3d %-10s", r.System, r.Nodes, r.Fault)
	if r.Timed() {
		all := pick(r.Spreads, last)
		line += fmt.Sprintf(" %d of %d; the last observer after %s s, at most %s s;",
			len(r.Spreads), r.Repetitions, seconds(percentile(all, 50)), seconds(percentile(all, 100)))
	} else {
		line += fmt.Sprintf(" %d times;", r.Repetitions)
	}
	line += fmt.Sprintf(" failed wrongly %d, the faulted %d", r.Wrong, r.Faulted)
	if len(r.Missing) > 0 {
		line += fmt.Sprintf("; not all: %s", r.Missing[0])
	}
	return line
}

// Rest is what a cluster costs while nothing happens, per node.
type Rest struct {
	System         string
	Watched        bool // a watcher follows each node meanwhile
	Nodes          int
	CPU            float64 // ms per second
	Memory         float64 // MiB resident
	Packets, Bytes float64 // on loopback, per second
	Calls          float64 // RPCs sent per second, where the system's log tells
	Harness        float64 // CPU of this process, ms per second, of all nodes together
	Others         float64 // share of the machine that other work took, 0 to 1
	Changes        int     // what observers said meanwhile; 0 if it was at rest
}

func (r Rest) String() string {
	return fmt.Sprintf("%-10s n=%-3d at rest    %.2f CPU-ms/s, %.1f MiB, %.1f packets/s, %.0f B/s per node; others took %.0f %% of the machine",
		r.System, r.Nodes, r.CPU, r.Memory, r.Packets, r.Bytes, 100*r.Others)
}

// Name of the system, as tables have it.
func (r Rest) Name() string {
	if r.Watched {
		return r.System + ", watched"
	}
	return r.System
}

// Report is all that was measured.
type Report struct {
	Command string // that makes such a report
	Results []Result
	Rests   []Rest
	Absent  []string // systems that could not be measured, and why
	Others  float64  // share of the machine that other work took, 0 to 1
}

// find the result of a fault.
func (r Report) find(system, fault string, nodes int) (Result, bool) {
	for _, x := range r.Results {
		if x.System == system && x.Fault == fault && x.Nodes == nodes {
			return x, true
		}
	}
	return Result{}, false
}

// of returns the results that a condition is true of.
func (r Report) of(cond func(Result) bool) (all []Result) {
	for _, x := range r.Results {
		if cond(x) {
			all = append(all, x)
		}
	}
	return all
}

// compared returns the results in an order in which the systems stand side by side.
func (r Report) compared() []Result {
	faults := tableOrder()
	return slices.SortedStableFunc(slices.Values(r.Results), func(a, b Result) int {
		return cmp.Or(
			slices.Index(faults, a.Fault)-slices.Index(faults, b.Fault),
			a.Nodes-b.Nodes,
			slices.Index(Systems, a.System)-slices.Index(Systems, b.System),
		)
	})
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.3f", d.Seconds()) }
