package sim

import (
	"fmt"
	"io"
	"time"

	"github.com/swimpair/swim/tests/sim/audit"
)

// Defaults are the times that simulated nodes run with, and that are promised.
var Defaults = audit.Promises{
	Period: Period, PauseTolerance: time.Second, SuspicionMax: 4 * time.Second, PairGrace: 5 * time.Second,
	Comeback: 2 * time.Minute,
}

// Result of one drawn and audited run.
type Result struct {
	Seed       uint64
	Script     string
	Events     uint64
	Simulated  time.Duration
	Violations []audit.Violation
	Seen       map[string]uint64 // the events of the cores
	Replay     string            // the command that repeats it, with a trace
}

// Run draws a schedule from a seed, runs it and has it audited. A trace is written if
// wanted.
func Run(seed uint64, n int, mode Mode, trace io.Writer) Result {
	return RunWithHeads(seed, n, 0, mode, trace)
}

// RunWithHeads is Run with another World.HeadsFrom: so few nodes as a run has would tell one
// another all news directly.
func RunWithHeads(seed uint64, n, headsFrom int, mode Mode, trace io.Writer) Result {
	r := Result{
		Seed: seed, Script: Draw(seed, n, mode),
		Replay: fmt.Sprintf("make sim SEEDS=%d N=%d MODE=%s TRACE=1", seed, n, mode),
	}
	if headsFrom != 0 {
		r.Replay += fmt.Sprintf(" HEADS=%d", headsFrom)
	}
	w := New(seed, trace)
	w.HeadsFrom = headsFrom
	w.Auditor = audit.New(Defaults)
	if err := w.Play(r.Script); err != nil {
		r.Violations = append(r.Violations, audit.Violation{At: w.now, Rule: "script", Text: err.Error()})
	}
	if mode == Liveness {
		w.Auditor.Finish(w.now)
	}
	r.Violations = append(r.Violations, w.Auditor.Violations()...)
	r.Events, r.Simulated, r.Seen = w.Events, w.now, w.Seen
	return r
}
