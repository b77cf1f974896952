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
	Comeback       time.Duration // how long who is failed again and again may stay away
}

// Auditor judges one run. Facts come in order of time.
type Auditor struct {
	promises   Promises
	now        time.Duration
	nodes      map[swim.NodeID]*node // by what the machine is called
	lives      map[swim.Instance]*node
	order      []swim.NodeID
	lies       map[swim.NodeID]swim.Incarnation // the highest that was said of a member falsely
	lied       time.Duration                    // when somebody did last
	failed     map[suspected]swim.NodeID        // who said first that it has failed
	violations []Violation
}

// suspected is one incarnation of one life.
type suspected struct {
	instance    swim.Instance
	incarnation swim.Incarnation
}

// node is what is true of a node, and what it has said.
type node struct {
	name, id    swim.NodeID
	halves      [2]half
	instance    swim.Instance
	incarnation map[swim.Instance]swim.Incarnation // the highest that each of its lives gave itself
	raised      time.Duration                      // when it gave itself the latest
	failures    int                                // how often this life was failed
	asked       bool                               // to stop
	disturbed   int
	calmSince   time.Duration
	cuts        map[swim.NodeID]*disturbance // by the node at the other end
	elsewise    disturbance                  // whatever is no cut
	stoodStill  time.Duration                // when a half was paused, or resumed, last
	uneven      bool                         // one half runs, and the other does not
	unevenSince time.Duration
	evenSince   time.Duration // the moment between two kills, or two starts, apart
	sent        int
	changes     int // that it has published

	revision uint64
	rows     map[swim.NodeID]swim.Member   // as its watchers know them, this life
	since    map[swim.NodeID]time.Duration // when they heard of the state that a row has
	gone     map[swim.NodeID]swim.Member   // the latest row that was not live, this life

	suspicions   map[swim.NodeID]*suspicion
	mostSuspect  disturbance                     // most of the others are, together
	falseAlarms  map[swim.NodeID][]time.Duration // of each accuser, as this node has seen them
	confirmation map[suspected][]swim.NodeID     // who has told this node that it has found the same
}

// suspicion of a member in a node's table.
type suspicion struct {
	since time.Duration
	least int // the smallest number of live members beside the observer meanwhile
}

// disturbance is how many are on, and when that changed last.
type disturbance struct {
	count   int
	changed time.Duration
}

func (d *disturbance) add(count int, at time.Duration) { d.count, d.changed = d.count+count, at }

type half struct {
	running     bool
	since       time.Duration // of running, or of not running
	paused      bool
	pausedAt    time.Duration
	longestEnds time.Duration // when the latest pause ended that no promise covers
}

// New returns an auditor of a run that has not begun.
func New(p Promises) *Auditor {
	return &Auditor{
		promises: p, nodes: map[swim.NodeID]*node{}, lives: map[swim.Instance]*node{},
		lies: map[swim.NodeID]swim.Incarnation{}, failed: map[suspected]swim.NodeID{},
	}
}

// Violations so far.
func (a *Auditor) Violations() []Violation { return a.violations }

func (a *Auditor) violated(rule, format string, args ...any) {
	a.violations = append(a.violations, Violation{At: a.now, Rule: rule, Text: fmt.Sprintf(format, args...)})
}

func (a *Auditor) node(name swim.NodeID) *node {
	n := a.nodes[name]
	if n == nil {
		n = &node{
			name: name, id: name, incarnation: map[swim.Instance]swim.Incarnation{}, cuts: map[swim.NodeID]*disturbance{},
			calmSince: a.now, elsewise: disturbance{changed: a.now}, stoodStill: a.now, evenSince: a.now,
		}
		a.nodes[name] = n
		a.order = append(a.order, name)
	}
	return n
}

// subject is the machine that a record is about: the one that runs that life, or ran it
// last. nil: it runs another by now, or nobody ever ran that one.
func (a *Auditor) subject(m swim.Member) *node {
	if n := a.lives[m.Instance]; n != nil && n.id == m.ID && n.instance == m.Instance {
		return n
	}
	return nil
}

// Observe takes in one fact.
func (a *Auditor) Observe(at time.Duration, f Fact) {
	a.now = at
	switch f := f.(type) {
	case Started:
		a.started(f)
	case Ended:
		n := a.node(f.Node)
		n.halves[f.Half] = half{since: at}
		n.noteUneven(at)
	case Paused:
		n := a.node(f.Node)
		h := &n.halves[f.Half]
		h.paused, h.pausedAt, n.stoodStill = true, at, at
		n.noteUneven(at)
	case Resumed:
		a.resumed(f)
	case AskedToStop:
		a.node(f.Node).asked = true
	case Disturbed:
		a.disturb(f.Node, 1, nil)
	case Calmed:
		a.disturb(f.Node, -1, nil)
	case Severed:
		a.disturb(f.From, 1, &f.To)
		a.disturb(f.To, 1, &f.From)
	case Mended:
		a.disturb(f.From, -1, &f.To)
		a.disturb(f.To, -1, &f.From)
	case Published:
		a.published(f)
	case Sent:
		a.node(f.From).sent++
	case Told:
		a.told(f)
	case Unanswered:
		a.answers(f)
	case Lied:
		a.lies[f.Claim.ID], a.lied = max(a.lies[f.Claim.ID], f.Claim.Incarnation), at
	}
}

func (a *Auditor) started(f Started) {
	n := a.node(f.Node)
	if f.ID != "" {
		n.id = f.ID
	}
	n.halves[f.Half] = half{running: true, since: a.now}
	n.noteUneven(a.now)
	if f.Half == Disseminator {
		n.instance, n.revision, n.asked, n.failures = f.Instance, 0, false, 0
		n.rows, n.gone = map[swim.NodeID]swim.Member{}, map[swim.NodeID]swim.Member{}
		n.since = map[swim.NodeID]time.Duration{}
		n.suspicions, n.mostSuspect = map[swim.NodeID]*suspicion{}, disturbance{}
		n.falseAlarms, n.confirmation = map[swim.NodeID][]time.Duration{}, map[suspected][]swim.NodeID{}
		n.incarnation[f.Instance], a.lives[f.Instance] = f.Incarnation, n
	}
}

func (a *Auditor) resumed(f Resumed) {
	n := a.node(f.Node)
	h := &n.halves[f.Half]
	if h.paused && a.now-h.pausedAt > a.promises.PauseTolerance {
		h.longestEnds = a.now
	}
	h.paused, n.stoodStill = false, a.now
	n.noteUneven(a.now)
}

// disturb counts what harms a node; other is at the other end, if it is a cut.
func (a *Auditor) disturb(name swim.NodeID, count int, other *swim.NodeID) {
	n := a.node(name)
	if n.disturbed += count; n.disturbed == 0 {
		n.calmSince = a.now
	}
	if other == nil {
		n.elsewise.add(count, a.now)
		return
	}
	if n.cuts[*other] == nil {
		n.cuts[*other] = &disturbance{}
	}
	n.cuts[*other].add(count, a.now)
}

// noteUneven keeps since when one half runs and the other does not, or no longer.
func (n *node) noteUneven(at time.Duration) {
	const moment = 100 * time.Millisecond
	uneven := n.halves[Detector].runs() != n.halves[Disseminator].runs()
	switch {
	case uneven && !n.uneven:
		n.unevenSince = at
	case !uneven && n.uneven && at-n.unevenSince >= moment:
		n.evenSince = at
	}
	n.uneven = uneven
}

func (h *half) runs() bool { return h.running && !h.paused }

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

// healthyBut is healthyFor, the cuts between the node and one other apart.
func (a *Auditor) healthyBut(n *node, other swim.NodeID) time.Duration {
	if n.disturbed == 0 {
		return a.healthyFor(n)
	}
	since := n.elsewise.changed
	for end, cuts := range n.cuts { // order does not matter: a maximum
		if end != other {
			if cuts.count > 0 {
				return 0
			}
			since = max(since, cuts.changed)
		}
	}
	for i := range n.halves {
		if h := &n.halves[i]; !h.runs() {
			return 0
		}
		since = max(since, n.halves[i].since, n.stoodStill)
	}
	if n.elsewise.count > 0 || n.asked {
		return 0
	}
	return a.now - since
}
