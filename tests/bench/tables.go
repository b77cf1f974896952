package bench

import (
	"fmt"
	"runtime"
	"time"
)

// Tables for people, in the order in which they are read.
func (r Report) Tables() []Table {
	return []Table{r.run(), r.detection(), r.verdicts(), r.costs(), r.verdict()}
}

// run says where the figures are from.
func (r Report) run() Table {
	return Table{Name: "run", Title: "Where the figures are from.", Rows: [][]string{
		{"command", "system", "cores", "Go", "other work took"},
		{
			r.Command, runtime.GOOS + "/" + runtime.GOARCH, fmt.Sprint(runtime.NumCPU()), runtime.Version(),
			fmt.Sprintf("%.0f %% of the machine, which makes every time longer", 100*r.Others),
		},
	}}
}

// what a fault is and what is waited for, for people.
var descriptions = map[string]string{
	"kill":      "SIGKILL of a node: failed",
	"half":      "SIGKILL of half a node: suspect, which half",
	"stop":      "SIGSTOP of a node: failed",
	"stop-half": "SIGSTOP of half a node: suspect, which half",
	"term":      "SIGTERM of a node: left",
	"mass":      "SIGKILL of a third at once: all failed",
	restart:     "a killed node starts again: alive, knows all",
	rolling:     "rolling restart: alive, knows all",
	join:        "all start at once: each knows all",
	pause:       "a node stands still for 0.9 s",
	starve:      "an eighth gets next to no CPU",
}

func (r Report) detection() Table {
	rows := [][]string{{
		"fault, and what is waited for", "nodes", "system", "times", "first says so, s", "median observer, s", "last, s", "CPU ms per node", "packets per node", "wrong",
	}}
	for _, x := range r.compared() {
		if !x.Timed() {
			continue
		}
		rows = append(rows, []string{
			descriptions[x.Fault], fmt.Sprint(x.Nodes), x.System, times(x),
			three(pick(x.Spreads, first)), three(pick(x.Spreads, middle)), three(pick(x.Spreads, last)),
			median(x.Costs, func(c Cost) float64 { return milliseconds(c.CPU) }),
			median(x.Costs, func(c Cost) float64 { return c.Packets }), fmt.Sprint(x.Wrong),
		})
	}
	return Table{
		Name:  "detection",
		Title: "Seconds from the fault until an observer says so: p50 / p99 / max of all times.",
		Rows:  rows,
	}
}

// times says how often all observers said so, of how many.
func times(x Result) string {
	if len(x.Spreads) == x.Repetitions {
		return fmt.Sprint(x.Repetitions)
	}
	return fmt.Sprintf("%d of %d", len(x.Spreads), x.Repetitions)
}

func three(all []time.Duration) string {
	if len(all) == 0 {
		return "-"
	}
	return fmt.Sprintf("%s / %s / %s", seconds(percentile(all, 50)), seconds(percentile(all, 99)), seconds(percentile(all, 100)))
}

// median of a cost, where it was measured.
func median(costs []Cost, of func(Cost) float64) string {
	if len(costs) == 0 {
		return "-"
	}
	var all []float64
	for _, c := range costs {
		all = append(all, of(c))
	}
	return fmt.Sprintf("%.1f", percentile(all, 50))
}

func (r Report) verdicts() Table {
	rows := [][]string{{"fault", "nodes", "system", "times", "a healthy node failed", "a faulted one failed, which lives"}}
	for _, x := range r.compared() {
		if !x.Timed() {
			rows = append(rows, []string{
				descriptions[x.Fault], fmt.Sprint(x.Nodes), x.System, fmt.Sprint(x.Repetitions), fmt.Sprint(x.Wrong), fmt.Sprint(x.Faulted),
			})
		}
	}
	return Table{Name: "verdicts", Title: "Verdicts of observers where nobody died, counted once per observer.", Rows: rows}
}

func (r Report) costs() Table {
	rows := [][]string{{"nodes", "system", "CPU ms/s", "resident MiB", "packets/s", "bytes/s", "RPCs/s", "harness CPU ms/s", "other work", "changes"}}
	for _, x := range r.Rests {
		calls := "-"
		if x.System == Ours {
			calls = fmt.Sprintf("%.2f", x.Calls)
		}
		rows = append(rows, []string{
			fmt.Sprint(x.Nodes), x.Name(), fmt.Sprintf("%.2f", x.CPU), fmt.Sprintf("%.1f", x.Memory),
			fmt.Sprintf("%.1f", x.Packets), fmt.Sprintf("%.0f", x.Bytes), calls, fmt.Sprintf("%.0f", x.Harness),
			fmt.Sprintf("%.0f %%", 100*x.Others), fmt.Sprint(x.Changes),
		})
	}
	return Table{Name: "rest", Title: "A cluster at rest, per node; the harness is one process for all.", Rows: rows}
}

func (r Report) verdict() Table {
	rows := [][]string{{"target", "at", "measured", ""}}
	for _, t := range r.Targets() {
		rows = append(rows, []string{t.Name, t.At, t.Measured, t.Verdict})
	}
	return Table{Name: "targets", Title: "Targets for ours.", Rows: rows}
}
