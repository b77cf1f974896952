package bench

import (
	"slices"
	"syscall"

	"github.com/swimpair/swim/tests/cluster"
)

// fault is something that is done to nodes and that all others should soon say of them.
type fault struct {
	name   string
	signal syscall.Signal
	// half hits one process of a node, in turn the detector and the disseminator.
	half bool
	// share hits a third of all nodes at once.
	share bool
	says  func(event) bool
}

// The faults that observers find out. What is done to half a node can be done only to ours.
var detected = []fault{
	{name: "kill", signal: syscall.SIGKILL, says: isFailed},
	{name: "half", signal: syscall.SIGKILL, half: true},
	{name: "stop", signal: syscall.SIGSTOP, says: isFailed},
	{name: "stop-half", signal: syscall.SIGSTOP, half: true},
	{name: "term", signal: syscall.SIGTERM, says: isLeft},
	{name: "mass", signal: syscall.SIGKILL, share: true, says: isFailed},
}

// The other things that are done. A restart is measured with each kill.
const (
	restart = "restart"
	rolling = "rolling"
	pause   = "pause"
	starve  = "starve"
	join    = "join"
)

// Faults are the names for Config.Faults, in the order in which they are played.
func Faults() (names []string) {
	for _, f := range detected {
		names = append(names, f.name)
	}
	return append(names, rolling, pause, starve, join)
}

// tableOrder of all that is done: a restart comes after its kill.
func tableOrder() []string { return slices.Insert(Faults(), 1, restart) }

// reasons of the halves, in the order of a node's processes.
var reasons = []string{"detector_down", "disseminator_down"}

// hits returns the processes that a repetition is about, and what should be said of them.
func (f fault) hits(victims []*node, repetition int) ([]*cluster.Process, func(event) bool) {
	if !f.half {
		return processes(victims...), f.says
	}
	which := repetition % len(reasons)
	says := func(e event) bool { return e.state == suspect && e.reason == reasons[which] }
	return victims[0].processes[which : which+1], says
}

// wrong counts who was said to have failed and had not: nodes without a fault, and those that
// only said goodbye.
func (f fault) wrong(events []event, victims []*node) (count int) {
	for _, e := range events {
		hit := slices.Contains(ids(victims...), e.member)
		switch {
		case !hit && (isFailed(e) || isLeft(e)), hit && f.signal == syscall.SIGTERM && e.state == failed:
			count++
		}
	}
	return count
}
