package sim

import (
	"maps"
	"math"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/swimpair/swim/proto/swim"
	"github.com/swimpair/swim/tests/sim/audit"
)

// Network is what lies between the nodes, and what it does to messages: requests and
// answers alike. The two halves of one node are on one host and do not pass it.
//
// Messages overtake one another whenever their latencies say so, as RPCs do that have a
// stream each. A lost one is lost: TCP's repair is a latency with a long tail. An answer is
// never doubled: it belongs to one stream, which ends with it.
type Network struct {
	Latency   Distribution
	SendCost  time.Duration           // of a request: a process sends them one after another
	Loss      float64                 // of a message, 0 to 1
	Duplicate float64                 // of a request, 0 to 1: it is served twice
	Egress    map[swim.NodeID]float64 // of what a node sends so much is lost besides
	Ingress   map[swim.NodeID]float64 // of what comes to it
	Reorder   float64                 // of a message, 0 to 1: it takes a detour, and later ones overtake it
	Detour    Distribution            // on top of the latency

	// Hosts is what a look-up of a name answers, at each dial anew. Other hosts are
	// addresses.
	Hosts map[string]string

	// Cut, if set, says whether a message from one node to another is lost.
	Cut  func(from, to swim.NodeID) bool
	cuts map[Cut]int // how often each was made

	// refusals: something on the way closes the connections from a node to another, and refuses
	// new ones in its name.
	refusals map[Cut]bool
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

func (w *World) latency() time.Duration {
	d := w.Network.Latency(w.rng)
	if w.chance(w.Network.Reorder) {
		d += w.Network.Detour(w.rng)
	}
	return d
}

// lookUp is the address that a dial ends up with.
func (n *Network) lookUp(a swim.Address) swim.Address {
	at := max(strings.LastIndexByte(string(a), ':'), 0)
	if host, named := n.Hosts[string(a[:at])]; named {
		return swim.Address(host) + a[at:]
	}
	return a
}

func (w *World) chance(p float64) bool { return p > 0 && w.rng.Float64() < p }

// Sever cuts a direction, and Mend ends it.
func (w *World) Sever(c Cut) {
	if w.Network.cuts == nil {
		w.Network.cuts = map[Cut]int{}
	}
	w.Network.cuts[c]++
	w.observe(audit.Severed{From: c.From, To: c.To})
}

// Mend ends all cuts and refusals that touch a node.
func (w *World) Mend(name swim.NodeID) {
	maps.DeleteFunc(w.Network.refusals, func(c Cut, _ bool) bool { return c.From == name || c.To == name })
	for c, times := range w.Network.cuts { // order does not matter: all end at one time
		if c.From != name && c.To != name {
			continue
		}
		delete(w.Network.cuts, c)
		for range times {
			w.observe(audit.Mended{From: c.From, To: c.To})
		}
	}
}

// Lose has so much get lost of what comes to a node, and of what it sends.
func (w *World) Lose(name swim.NodeID, ingress, egress float64) {
	n := &w.Network
	if n.Ingress == nil {
		n.Ingress, n.Egress = map[swim.NodeID]float64{}, map[swim.NodeID]float64{}
	}
	before := n.Ingress[name]+n.Egress[name] > 0
	n.Ingress[name], n.Egress[name] = ingress, egress
	switch after := ingress+egress > 0; {
	case after && !before:
		w.observe(audit.Disturbed{Node: name})
	case before && !after:
		w.observe(audit.Calmed{Node: name})
	}
}

// requestLost reports whether a request to a process does not arrive.
func (w *World) requestLost(from, to *process) bool {
	return w.lost(from.node.Name, to.node.Name) || w.portCut(from.node.Name, to)
}

// answerLost reports whether an answer does not arrive. It does not go to the port at which
// the caller listens.
func (w *World) answerLost(from, to *process) bool { return w.lost(from.node.Name, to.node.Name) }

// lost reports whether a message from one host to another is lost.
func (w *World) lost(from, to swim.NodeID) bool {
	if from == to {
		return false
	}
	if w.Network.Cut != nil && w.Network.Cut(from, to) {
		return true
	}
	return w.chance(w.Network.Loss) || w.chance(w.Network.Egress[from]) || w.chance(w.Network.Ingress[to]) ||
		w.Network.cuts[Cut{From: from, To: to}] > 0
}

func (w *World) portCut(from swim.NodeID, to *process) bool {
	return w.Network.cuts[Cut{From: from, To: to.node.Name, Port: to.half.String()}] > 0
}

// unreachable: the host of a port at which nobody listens cannot be reached from a node.
func (w *World) unreachable(from swim.NodeID, to swim.Address) bool {
	p := w.hosts[to]
	return p != nil && (w.lost(from, p.node.Name) || w.portCut(from, p))
}
