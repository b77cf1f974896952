package sim

import (
	"math"
	"math/rand/v2"
	"time"

	"github.com/swimpair/swim/proto/swim"
	"github.com/swimpair/swim/tests/sim/audit"
)

// Network is what lies between the nodes, and what it does to messages: requests and
// answers alike. The two halves of one node are on one host and do not pass it.
//
// Messages overtake one another whenever their latencies say so, as RPCs do that have a
// stream each. A lost one is lost: TCP's repair is a latency with a long tail.
type Network struct {
	Latency   Distribution
	Loss      float64 // of a message, 0 to 1
	Duplicate float64 // of a request, 0 to 1: it is served twice

	// Cut, if set, says whether a message from one node to another is lost.
	Cut  func(from, to swim.NodeID) bool
	cuts map[Cut]int // how often each was made
}

// Cut is a direction in which nothing passes, silently: from a node to another, or to one
// port of it.
type Cut struct {
	From, To swim.NodeID
	Port     string // "": both ports
}

// Distribution draws a duration.
type Distribution func(rng *rand.Rand) time.Duration

// Between is uniform in [low, high).
func Between(low, high time.Duration) Distribution {
	return func(rng *rand.Rand) time.Duration { return low + time.Duration(rng.Int64N(int64(high-low))) }
}

// HeavyTail is log-normal: half of all are below the median, and one in a hundred is above
// the median times spread.
func HeavyTail(median time.Duration, spread float64) Distribution {
	sigma := math.Log(spread) / 2.326 // the 99th percentile of the normal distribution
	return func(rng *rand.Rand) time.Duration {
		return time.Duration(float64(median) * math.Exp(sigma*rng.NormFloat64()))
	}
}

func (w *World) latency() time.Duration { return w.Network.Latency(w.rng) }

func (w *World) chance(p float64) bool { return p > 0 && w.rng.Float64() < p }

// Sever cuts a direction, and Mend ends it.
func (w *World) Sever(c Cut) {
	if w.Network.cuts == nil {
		w.Network.cuts = map[Cut]int{}
	}
	w.Network.cuts[c]++
	w.observe(audit.Disturbed{Node: c.From})
	w.observe(audit.Disturbed{Node: c.To})
}

// Mend ends all cuts that touch a node.
func (w *World) Mend(id swim.NodeID) {
	for c, times := range w.Network.cuts { // order does not matter: all end at one time
		if c.From != id && c.To != id {
			continue
		}
		delete(w.Network.cuts, c)
		for range times {
			w.observe(audit.Calmed{Node: c.From})
			w.observe(audit.Calmed{Node: c.To})
		}
	}
}

// lost reports whether a message between two processes does not arrive.
func (w *World) lost(from, to *process) bool {
	return from.node.ID != to.node.ID && w.lostBetween(from.node.ID, to.node.ID, to.half)
}

func (w *World) lostBetween(from, to swim.NodeID, port audit.Half) bool {
	if w.Network.Cut != nil && w.Network.Cut(from, to) {
		return true
	}
	return w.chance(w.Network.Loss) ||
		w.Network.cuts[Cut{From: from, To: to}] > 0 || w.Network.cuts[Cut{From: from, To: to, Port: port.String()}] > 0
}

// unreachable: the host of a port at which nobody listens cannot be reached from a node.
func (w *World) unreachable(from swim.NodeID, to swim.Address) bool {
	p := w.hosts[to]
	return p != nil && w.lostBetween(from, p.node.ID, p.half)
}
