package sim

import (
	"container/heap"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/swimpair/swim/proto/swim"
)

// epochStart is the wall clock at the start of every run.
var epochStart = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// World is one simulated cluster and its network.
type World struct {
	rng   *rand.Rand
	now   time.Duration
	queue events
	order uint64
	trace io.Writer

	Nodes []*Node // in the order of their start
	ports map[swim.Address]*process
	// Cut, if set, says whether a message from one node to another is lost.
	Cut func(from, to swim.NodeID) bool
	// Latency of one message; the default is 0.2 to 1 ms.
	Latency func(rng *rand.Rand) time.Duration
}

// New returns an empty world. Every event is written to trace as one line; nil writes
// nothing.
func New(seed uint64, trace io.Writer) *World {
	return &World{
		rng:   rand.New(rand.NewPCG(seed, 0)),
		trace: trace,
		ports: map[swim.Address]*process{},
		Latency: func(rng *rand.Rand) time.Duration {
			return 200*time.Microsecond + time.Duration(rng.Int64N(int64(800*time.Microsecond)))
		},
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
	e := heap.Pop(&w.queue).(event)
	w.now = e.at
	e.run()
}

// after runs f once d has passed.
func (w *World) after(d time.Duration, f func()) {
	w.order++
	heap.Push(&w.queue, event{at: w.now + max(d, 0), order: w.order, run: f})
}

func (w *World) log(who, format string, args ...any) {
	if w.trace != nil {
		fmt.Fprintf(w.trace, "%10.3f  %-15s %s\n", float64(w.now)/float64(time.Millisecond), who, fmt.Sprintf(format, args...))
	}
}

func (w *World) lost(from, to *process) bool {
	return from.node.ID != to.node.ID && w.Cut != nil && w.Cut(from.node.ID, to.node.ID)
}

// Node returns the latest start of the node with that id.
func (w *World) Node(id swim.NodeID) *Node {
	for _, n := range slices.Backward(w.Nodes) {
		if n.ID == id {
			return n
		}
	}
	return nil
}

type event struct {
	at    time.Duration
	order uint64
	run   func()
}

// events is a heap by time; events at one time run in the order of their making.
type events []event

func (q events) Len() int      { return len(q) }
func (q events) Swap(i, j int) { q[i], q[j] = q[j], q[i] }
func (q events) Less(i, j int) bool {
	if q[i].at != q[j].at {
		return q[i].at < q[j].at
	}
	return q[i].order < q[j].order
}
func (q *events) Push(e any) { *q = append(*q, e.(event)) }
func (q *events) Pop() any {
	last := len(*q) - 1
	e := (*q)[last]
	*q = (*q)[:last]
	return e
}
