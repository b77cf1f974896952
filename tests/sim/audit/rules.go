package audit

import (
	"time"

	"github.com/swimpair/swim/proto/swim"
)

// The names of the rules, as violations carry them.
const (
	RuleHistory      = "history"      // watchers see every change, in order
	RuleResurrection = "resurrection" // who is gone returns only with a higher incarnation
	RuleIncarnation  = "incarnation"  // only the subject raises it
	RuleAccuracy     = "accuracy"     // no healthy node is failed
	RuleTime         = "time"         // who is failed has had the time to answer
	RuleGoodbye      = "goodbye"      // nobody leaves without being asked to
	RuleReason       = "reason"       // what is said of a half is true
	RuleCompleteness = "completeness" // who is dead is known to be
	RuleAgreement    = "agreement"    // when all is calm, all tables are equal
	RuleMessages     = "messages"     // the number of messages is bounded
)

func (a *Auditor) published(f Published) {
	n := a.node(f.Observer)
	if f.Instance != n.instance || n.rows == nil {
		return // the last words of a life that has ended
	}
	n.changes++
	before, known := n.rows[f.Member.ID]
	a.history(n, f, before, known)
	if f.Member.State == swim.Contact {
		return
	}
	a.resurrection(n, f)
	a.incarnation(n, f)
	if !f.Removed {
		a.time(n, f, before)
		a.accuracy(n, f)
		a.goodbye(f)
		a.reason(f)
	}
	if f.Member.State.Live() {
		delete(n.gone, f.Member.ID)
	} else {
		n.gone[f.Member.ID] = f.Member
	}
	if f.Removed {
		delete(n.rows, f.Member.ID)
	} else {
		n.rows[f.Member.ID] = f.Member
	}
}

// history: revisions count up by one within a life of the observer, and each change names
// the state that the one before has left.
func (a *Auditor) history(n *node, f Published, before swim.Member, known bool) {
	if n.revision != 0 && f.Revision != n.revision+1 {
		a.violated(RuleHistory, "node %s: revision %d follows %d", f.Observer, f.Revision, n.revision)
	}
	n.revision = f.Revision
	if f.Member.State != swim.Contact && known && f.Previous != before.State {
		a.violated(RuleHistory, "node %s: member %s was %s, and the change says %s", f.Observer, f.Member.ID, before.State, f.Previous)
	}
}

// resurrection: whom an observer has called failed, left or forgotten it calls live again
// only with a higher incarnation.
func (a *Auditor) resurrection(n *node, f Published) {
	gone, was := n.gone[f.Member.ID]
	if was && f.Member.State.Live() && f.Member.Incarnation <= gone.Incarnation {
		a.violated(RuleResurrection, "node %s: member %s is %s at %d, after it was %s at %d",
			f.Observer, f.Member.ID, f.Member.State, f.Member.Incarnation, gone.State, gone.Incarnation)
	}
}

// incarnation: nobody says a higher one of a life than that life has given itself.
func (a *Auditor) incarnation(n *node, f Published) {
	subject := a.node(f.Member.ID)
	own, ran := subject.incarnation[f.Member.Instance]
	switch {
	case !ran:
		a.violated(RuleIncarnation, "node %s: member %s has an instance that never ran", f.Observer, f.Member.ID)
	case f.Member.ID == n.id && f.Member.Incarnation < own:
		a.violated(RuleIncarnation, "node %s: the own incarnation fell from %d to %d", f.Observer, own, f.Member.Incarnation)
	case f.Member.ID == n.id:
		subject.incarnation[f.Member.Instance] = f.Member.Incarnation
	case f.Member.Incarnation > own:
		a.violated(RuleIncarnation, "node %s: member %s is at %d, it never said more than %d", f.Observer, f.Member.ID, f.Member.Incarnation, own)
	}
}

// time: nobody is failed in a table without having been suspect there before, for as long as
// a healthy process may stand still. Its own word, and its own host's, need no time.
func (a *Auditor) time(n *node, f Published, before swim.Member) {
	m := f.Member
	same := before.State == swim.Suspect && before.Incarnation == m.Incarnation && before.Instance == m.Instance
	if m.State == swim.Suspect && !same {
		n.suspectSince[m.ID] = a.now
	}
	ownWord := m.Accuser == m.ID || m.Reason == swim.Crashed
	if m.State != swim.Failed || !before.State.Live() || ownWord {
		return
	}
	if waited := a.now - n.suspectSince[m.ID]; !same || waited < a.promises.PauseTolerance {
		a.violated(RuleTime, "node %s says that %s has failed (%s, said by %s), which was %s at %d before, for %s",
			f.Observer, m.ID, m.Reason, m.Accuser, before.State, before.Incarnation, waited.Round(time.Millisecond))
	}
}

// settled is how long a node has to have been well before anything is promised about it:
// what was said of it before is over by then.
func (a *Auditor) settled() time.Duration {
	return 3*a.promises.Period + 2*a.promises.SuspicionMax + a.promises.PairGrace
}

// accuracy: a node that has been well is not failed by one that has been well, whoever else
// is sick.
func (a *Auditor) accuracy(n *node, f Published) {
	subject := a.node(f.Member.ID)
	if f.Member.State != swim.Failed || f.Member.Instance != subject.instance {
		return
	}
	if a.healthyFor(subject) > a.settled() && a.healthyFor(n) > a.settled() {
		a.violated(RuleAccuracy, "node %s says that %s has failed (%s, said by %s), which has been well for %s",
			f.Observer, f.Member.ID, f.Member.Reason, f.Member.Accuser, a.healthyFor(subject).Round(time.Millisecond))
	}
}

// goodbye: only who was asked to stop, or has lost a half that was, has left.
func (a *Auditor) goodbye(f Published) {
	subject := a.node(f.Member.ID)
	if f.Member.State == swim.Left && f.Member.Instance == subject.instance && !subject.asked {
		a.violated(RuleGoodbye, "node %s says that %s has left, which nobody has asked to", f.Observer, f.Member.ID)
	}
}

// reason: a half that has run well for a while is not said to be down, first-hand, by a node
// that has been well too. Who repeats it may be late, or believe somebody who is sick.
func (a *Auditor) reason(f Published) {
	subject := a.node(f.Member.ID)
	which := Detector
	switch {
	case f.Member.State != swim.Suspect && f.Member.State != swim.Failed:
		return
	case f.Member.Reason == swim.DisseminatorDown:
		which = Disseminator
	case f.Member.Reason != swim.DetectorDown:
		return
	}
	h := subject.halves[which]
	down := !h.running || h.paused
	firstHand := f.Member.Accuser == f.Observer && f.Member.Instance == subject.instance
	if down || !firstHand || a.healthyFor(subject) <= a.settled() || a.healthyFor(a.node(f.Observer)) <= a.settled() {
		return
	}
	a.violated(RuleReason, "node %s says that the %s of %s is down; it has run well for %s",
		f.Observer, which, f.Member.ID, a.healthyFor(subject).Round(time.Millisecond))
}
