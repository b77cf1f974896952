// Package audit judges a simulated run from outside. It is told what happened to the
// machines and what the nodes said, and knows nothing of the cores: not even how two
// records are compared.
//
//	World --Fact--> Auditor --Violation--> whoever runs the world
//
// Safety rules are judged with each fact (rules.go). Liveness rules are judged at the end of
// a run, when whoever ran it says since when all is calm (Finish).
package audit

import (
	"fmt"
	"time"

	"github.com/swimpair/swim/proto/swim"
)

// Promises are the times that the promises speak of.
type Promises struct {
	Period         time.Duration // T'
	PauseTolerance time.Duration
	SuspicionMax   time.Duration
	PairGrace      time.Duration
}

// Auditor judges one run. Facts come in order of time.
type Auditor struct {
	promises   Promises
	now        time.Duration
	nodes      map[swim.NodeID]*node
	order      []swim.NodeID
	violations []Violation
}

// node is what is true of a node, and what it has said.
type node struct {
	id          swim.NodeID
	halves      [2]half
	instance    swim.Instance
	incarnation map[swim.Instance]swim.Incarnation // the highest that each of its lives gave itself
	asked       bool                               // to stop
	disturbed   int
	calmSince   time.Duration
	sent        int
	changes     int // that it has published

	revision uint64
	rows     map[swim.NodeID]swim.Member // as its watchers know them, this life
	gone     map[swim.NodeID]swim.Member // the latest row that was not live, this life

	suspectSince map[swim.NodeID]time.Duration
}

type half struct {
	running     bool
	since       time.Duration // of running, or of not running
	paused      bool
	pausedAt    time.Duration
	longestEnds time.Duration // when the latest pause ended that no promise covers
}

// New returns an auditor of a run that has not begun.
func New(p Promises) *Auditor { return &Auditor{promises: p, nodes: map[swim.NodeID]*node{}} }

// Violations so far.
func (a *Auditor) Violations() []Violation { return a.violations }

func (a *Auditor) violated(rule, format string, args ...any) {
	a.violations = append(a.violations, Violation{At: a.now, Rule: rule, Text: fmt.Sprintf(format, args...)})
}

func (a *Auditor) node(id swim.NodeID) *node {
	n := a.nodes[id]
	if n == nil {
		n = &node{id: id, incarnation: map[swim.Instance]swim.Incarnation{}}
		a.nodes[id] = n
		a.order = append(a.order, id)
	}
	return n
}

// Observe takes in one fact.
func (a *Auditor) Observe(at time.Duration, f Fact) {
	a.now = at
	switch f := f.(type) {
	case Started:
		a.started(f)
	case Ended:
		h := &a.node(f.Node).halves[f.Half]
		*h = half{since: at}
	case Paused:
		h := &a.node(f.Node).halves[f.Half]
		h.paused, h.pausedAt = true, at
	case Resumed:
		h := &a.node(f.Node).halves[f.Half]
		if h.paused && at-h.pausedAt > a.promises.PauseTolerance {
			h.longestEnds = at
		}
		h.paused = false
	case AskedToStop:
		a.node(f.Node).asked = true
	case Disturbed:
		a.node(f.Node).disturbed++
	case Calmed:
		n := a.node(f.Node)
		if n.disturbed--; n.disturbed == 0 {
			n.calmSince = at
		}
	case Published:
		a.published(f)
	case Sent:
		a.node(f.From).sent++
	}
}

func (a *Auditor) started(f Started) {
	n := a.node(f.Node)
	n.halves[f.Half] = half{running: true, since: a.now}
	if f.Half == Disseminator {
		n.instance, n.revision, n.asked = f.Instance, 0, false
		n.rows, n.gone = map[swim.NodeID]swim.Member{}, map[swim.NodeID]swim.Member{}
		n.suspectSince = map[swim.NodeID]time.Duration{}
		n.incarnation[f.Instance] = f.Incarnation
	}
}

// healthyFor reports for how long a node has been well: both halves run, neither has stood
// still for longer than is promised to be forgiven, and nothing disturbs it. Zero: not now.
func (a *Auditor) healthyFor(n *node) time.Duration {
	since := n.calmSince
	for _, h := range n.halves {
		if !h.running || (h.paused && a.now-h.pausedAt > a.promises.PauseTolerance) {
			return 0
		}
		since = max(since, h.since, h.longestEnds)
	}
	if n.disturbed > 0 || n.asked {
		return 0
	}
	return a.now - since
}
