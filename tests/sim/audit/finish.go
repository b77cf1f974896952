package audit

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/swimpair/swim/proto/swim"
)

// Finish judges what has to hold in the end.
func (a *Auditor) Finish(at time.Duration) {
	a.now = at
	a.completeness()
	a.agreement()
	a.identity()
	a.messages()
}

// Bound is how long the promises of completeness and agreement take, in a cluster of n:
// until somebody pings a member (SWIM 4.3 has a bound for that), its round, the longest
// suspicion, put off once, or the grace of half a node, and the telling.
func (p Promises) Bound(n int) time.Duration {
	return time.Duration(2*n+2)*p.Period + 2*p.SuspicionMax + p.PairGrace + 10*p.Period
}

// completeness: a node of which a half does not run for that long is not live in the table
// of anybody who has been well for as long.
func (a *Auditor) completeness() {
	bound := a.promises.Bound(len(a.nodes))
	for _, name := range a.order {
		subject := a.nodes[name]
		down := a.downFor(subject)
		if down <= bound {
			continue
		}
		for _, other := range a.order {
			observer := a.nodes[other]
			row := observer.rows[subject.id]
			if other != name && a.healthyFor(observer) > bound && row.State.Live() && a.lives[row.Instance] == subject {
				a.violated(RuleCompleteness, "node %s says that %s is %s, of which a half has not run for %s",
					other, name, row.State, down.Round(time.Millisecond))
			}
		}
	}
}

// downFor is for how long a half of the node has not run.
func (a *Auditor) downFor(n *node) (longest time.Duration) {
	for _, h := range n.halves {
		if !h.running {
			longest = max(longest, a.now-h.since)
		}
	}
	return longest
}

// agreement: whoever has been well for that long says the same of who is live, and all of
// them are.
func (a *Auditor) agreement() {
	bound := a.promises.Bound(len(a.nodes))
	first, firstView := swim.NodeID(""), ""
	for _, id := range a.order {
		n := a.nodes[id]
		if a.healthyFor(n) <= bound {
			continue
		}
		view := a.viewOf(n)
		if first == "" {
			first, firstView = id, view
		} else if view != firstView && (a.nodes[first].id != n.id || a.introduced(n.id, bound)) {
			a.violated(RuleAgreement, "node %s says %s\nnode %s says %s", first, firstView, id, view)
		}
		for _, other := range a.order {
			subject := a.nodes[other]
			if other == id || a.healthyFor(subject) <= bound || (subject.id == n.id && !a.introduced(n.id, bound)) {
				continue
			}
			if a.mayStayAway(subject) {
				continue
			}
			row := n.rows[subject.id]
			if s := n.suspicions[subject.id]; row.State == swim.Suspect && a.now-s.since < 3*a.promises.Period {
				continue // somebody sick accuses it, and it answers
			}
			if row.State != swim.Alive || row.Instance != subject.instance {
				a.violated(RuleAgreement, "node %s says that %s (instance %s) is %s, which has been well for %s as instance %s",
					id, other, row.Instance, row.State, a.healthyFor(subject).Round(time.Millisecond), subject.instance)
			}
		}
	}
}

// mayStayAway: who was failed again and again, or once while most others fall silent for good,
// waits until it has been well for long: the trouble may be its own.
func (a *Auditor) mayStayAway(n *node) bool {
	down := 0
	for _, name := range a.order {
		if a.downFor(a.nodes[name]) > 0 {
			down++
		}
	}
	again := n.failures > 1 || n.failures == 1 && 2*down >= len(a.order)
	return again && a.healthyFor(n) <= a.promises.Bound(len(a.nodes))+a.promises.Comeback
}

// steady: what such a node is has been told everywhere by now. Who is sick for good may accuse
// it at any time, so that it has raised its incarnation a moment ago.
func (a *Auditor) steady(n *node) bool {
	return !a.mayStayAway(n) && a.healthyFor(n) > a.promises.Bound(len(a.nodes)) && a.now-n.raised > a.promises.Period
}

// viewOf is what a node says of the members that have been well, or dead, for long. Of the
// others nothing is promised.
func (a *Auditor) viewOf(n *node) string {
	var lines []string
	for id, row := range n.rows {
		subject := a.subject(row)
		if subject != nil && row.State.Live() && id != n.id && a.steady(subject) {
			lines = append(lines, fmt.Sprintf("%s@%d", id, row.Incarnation))
		}
	}
	if a.steady(n) {
		lines = append(lines, fmt.Sprintf("%s@%d", n.id, n.incarnation[n.instance]))
	}
	slices.Sort(lines)
	return strings.Join(lines, " ")
}

// identity: of two processes that have run well with one id for that long, one should have
// given way.
func (a *Auditor) identity() {
	bound := a.promises.Bound(len(a.nodes))
	for i, name := range a.order {
		for _, other := range a.order[:i] {
			one, two := a.nodes[name], a.nodes[other]
			if one.id == two.id && a.healthyFor(one) > bound && a.healthyFor(two) > bound && a.introduced(one.id, bound) {
				a.violated(RuleIdentity, "%s and %s have both run well with the id %s for %s",
					other, name, one.id, min(a.healthyFor(one), a.healthyFor(two)).Round(time.Millisecond))
			}
		}
	}
}

// introduced: somebody else has been well for that long, through whom two processes with one
// id hear of each other.
func (a *Auditor) introduced(id swim.NodeID, bound time.Duration) bool {
	return slices.ContainsFunc(a.order, func(name swim.NodeID) bool {
		n := a.nodes[name]
		return n.id != id && a.healthyFor(n) > bound
	})
}

// messages: a node sends a bounded number per period, and to each other node a bounded
// number per change that it has seen.
func (a *Auditor) messages() {
	periods := int(a.now/a.promises.Period) + 1
	for _, id := range a.order {
		n := a.nodes[id]
		if bound := 20*periods + 6*len(a.nodes)*(n.changes+len(a.nodes)); n.sent > bound {
			a.violated(RuleMessages, "node %s has sent %d requests in %d periods, with %d changes; at most %d are promised",
				id, n.sent, periods, n.changes, bound)
		}
	}
}
