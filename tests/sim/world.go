package sim

import (
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/swimpair/swim/detector/probe"
	"github.com/swimpair/swim/proto/swim"
	"github.com/swimpair/swim/tests/sim/audit"
)

// wallStart is the wall clock at the start of a run. The ring in which nodes probe follows
// from it, so each seed has its own, and another part of a second: what happens at a whole
// second of the run happens anywhere in an epoch.
func wallStart(seed uint64) time.Time {
	part := time.Duration(seed * 618_033_989 % uint64(time.Second)) // the golden ratio spreads them evenly
	return time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(seed%1000)*time.Hour + part)
}

// World is one simulated cluster and its network.
type World struct {
	// Events is how many have been run.
	Events uint64

	rng   *rand.Rand
	now   time.Duration
	wall  time.Time // at the start
	queue queue
	order uint64
	trace io.Writer

	Nodes       []*Node                   // in the order of their start
	byName      map[swim.NodeID]*Node     // the latest start of each
	hosts       map[swim.Address]*process // whose port it was first, whether it listens or not
	ports       map[swim.Address]*process
	dark        map[swim.Address]bool  // ports of hosts that are off: nobody refuses there
	connections probe.ConnectionNumber // how many were opened

	share func(swim.Member) *swim.Member

	// CrashVerdict is that of all nodes, see membership.Config.
	CrashVerdict bool
	// Order of probing, of nodes whose Options name none; default probe.Ring.
	Order probe.Order
	// HeadsFrom is from how many other live members on news goes through heads; 0 is the
	// default of the cores. It holds for whoever starts after.
	HeadsFrom int
	// Old, if set, says which nodes are of a version that does not know of heads.
	Old func(id swim.NodeID) bool
	// Serving, if set, is told which node has just been asked to serve a range.
	Serving func(head *Node)
	// Network is between the nodes.
	Network Network
	// Auditor, if set, is told all that happens.
	Auditor *audit.Auditor
	// Sent counts the requests between nodes, by kind; Seen the events of the cores.
	Sent map[string]uint64
	Seen map[string]uint64
}

// New returns an empty world. Every event is written to trace as one line; nil writes
// nothing.
func New(seed uint64, trace io.Writer) *World {
	return &World{
		rng:    rand.New(rand.NewPCG(seed, 0)),
		wall:   wallStart(seed),
		trace:  trace,
		byName: map[swim.NodeID]*Node{},
		hosts:  map[swim.Address]*process{},
		ports:  map[swim.Address]*process{},
		dark:   map[swim.Address]bool{},
		share:  records{}.share,
		Sent:   map[string]uint64{},
		Seen:   map[string]uint64{},

		CrashVerdict: true,

		Network: Network{Latency: Between(200*time.Microsecond, time.Millisecond), Hosts: map[string]string{}},
	}
}

// Now is the virtual time since the start.
func (w *World) Now() time.Duration { return w.now }

// Run lets d of virtual time pass.
func (w *World) Run(d time.Duration) {
	end := w.now + d
	for len(w.queue) > 0 && w.queue[0].at <= end {
		w.runNext()
	}
	w.now = end
}

// RunUntil lets time pass until cond holds, and reports whether it did within limit. cond
// is asked after every event.
func (w *World) RunUntil(limit time.Duration, cond func() bool) bool {
	end := w.now + limit
	for !cond() {
		if len(w.queue) == 0 || w.queue[0].at > end {
			w.now = end
			return false
		}
		w.runNext()
	}
	return true
}

func (w *World) runNext() {
	e := w.queue.pop()
	w.now = e.at
	w.Events++
	e.run()
}

// after runs f once d has passed.
func (w *World) after(d time.Duration, f func()) {
	w.order++
	w.queue.push(event{at: w.now + max(d, 0), order: w.order, run: f})
}

// count counts an event of a core, and writes it to the trace.
func (w *World) count(event, who string, about ...string) {
	w.Seen[event]++
	if w.trace != nil {
		_, kind, _ := strings.Cut(event, " ")
		w.log(who, "%s %s", kind, strings.Join(about, " "))
	}
}

func (w *World) log(who, format string, args ...any) {
	if w.trace != nil {
		fmt.Fprintf(w.trace, "%10.3f  %-15s %s\n", float64(w.now)/float64(time.Millisecond), who, fmt.Sprintf(format, args...))
	}
}

func (w *World) observe(f audit.Fact) {
	if w.Auditor != nil {
		w.Auditor.Observe(w.now, f)
	}
}

// Node returns the latest start of the node with that name: its id, or, of a second one
// that was started while the first still ran, its id and a prime.
func (w *World) Node(name swim.NodeID) *Node { return w.byName[name] }
