package audit

import (
	"slices"
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
	RuleMessages     = "messages"     // their number is bounded, and none says a thing twice
	RuleIdentity     = "identity"     // of two processes with one id one gives way
	RuleHaste        = "haste"        // nobody is accused who had no time to answer a ping
	RulePaths        = "paths"        // nobody is accused whom others reach
	RuleBlame        = "blame"        // who stood still does not blame the others for it
	RuleWitnesses    = "witnesses"    // only first-hand findings of several shorten a suspicion
	RuleFate         = "fate"         // when most go silent together the verdict is put off
	RuleRefutation   = "refutation"   // who is well and accused hears of it, and is cleared
	RuleCredulity    = "credulity"    // who has accused falsely again and again is not believed
	RuleAnswers      = "answers"      // who is well answers who is well, in time
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
		a.suspicion(n, f.Member, before)
		a.accuracy(n, f)
		a.goodbye(n, f)
		a.reason(n, f)
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
	if f.Member.State != before.State {
		n.since[f.Member.ID] = a.now
	}
	a.countSuspects(n)
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
// only with a higher incarnation, and whom it has forgotten it does not even list.
func (a *Auditor) resurrection(n *node, f Published) {
	gone, was := n.gone[f.Member.ID]
	back := f.Member.State.Live() || (gone.State == swim.Forgotten && !f.Removed)
	if was && back && f.Member.Incarnation <= gone.Incarnation {
		a.violated(RuleResurrection, "node %s: member %s is %s at %d, after it was %s at %d",
			f.Observer, f.Member.ID, f.Member.State, f.Member.Incarnation, gone.State, gone.Incarnation)
	}
}

// told: whom this node calls gone is gone at whatever incarnation it has heard of since,
// unless that is further on than anybody may go at once; and
// no message says a thing twice.
func (a *Auditor) told(f Told) {
	n := a.node(f.Node)
	for i, m := range f.Members {
		for _, other := range f.Members[:i] {
			if other.ID == m.ID {
				a.violated(RuleMessages, "node %s is told twice in one message that %s is %s", f.Node, m.ID, m.State)
			}
		}
		gone, was := n.gone[m.ID]
		believable := m.Incarnation <= gone.Incarnation+swim.MaxIncarnationJump
		if was && !m.State.Live() && m.Incarnation > gone.Incarnation && believable && a.said(m) {
			n.gone[m.ID] = m
		}
	}
	for _, found := range f.Confirmations {
		of := suspected{found.Instance, found.Incarnation}
		if n.confirmation != nil && !slices.Contains(n.confirmation[of], f.By) {
			n.confirmation[of] = append(n.confirmation[of], f.By)
		}
	}
}

// said: the member itself has given itself that incarnation.
func (a *Auditor) said(m swim.Member) bool {
	subject := a.lives[m.Instance]
	return subject != nil && m.Incarnation <= subject.incarnation[m.Instance]
}

// incarnation: nobody says a higher one of a life than that life has given itself, unless
// somebody else lies.
func (a *Auditor) incarnation(n *node, f Published) {
	if f.Member.Incarnation <= a.lies[f.Member.ID] && f.Member.ID != n.id {
		return
	}
	subject := a.lives[f.Member.Instance]
	if subject == nil || subject.id != f.Member.ID {
		a.violated(RuleIncarnation, "node %s: member %s has an instance that never ran", f.Observer, f.Member.ID)
		return
	}
	switch own := subject.incarnation[f.Member.Instance]; {
	case subject == n && f.Member.Incarnation < own:
		a.violated(RuleIncarnation, "node %s: the own incarnation fell from %d to %d", f.Observer, own, f.Member.Incarnation)
	case subject == n:
		n.raised = a.now
		subject.incarnation[f.Member.Instance] = f.Member.Incarnation
	case f.Member.Incarnation > own:
		a.violated(RuleIncarnation, "node %s: member %s is at %d, it never said more than %d", f.Observer, f.Member.ID, f.Member.Incarnation, own)
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
	subject := a.subject(f.Member)
	if f.Member.State != swim.Failed || subject == nil {
		return
	}
	if n.alreadyGone(f.Member) {
		return // a lie of its failure has come later than the failure
	}
	if f.Member.Accuser == f.Member.ID && n != subject {
		return // it was judged when it said so itself
	}
	if a.healthyFor(subject) > a.settled() && a.healthyFor(n) > a.settled() {
		a.violated(RuleAccuracy, "node %s says that %s has failed (%s, said by %s), which has been well for %s",
			f.Observer, f.Member.ID, f.Member.Reason, f.Member.Accuser, a.healthyFor(subject).Round(time.Millisecond))
	}
}

// alreadyGone: that life of a member has failed, or left, in this node's table.
func (n *node) alreadyGone(m swim.Member) bool {
	before := n.rows[m.ID]
	return (before.State == swim.Failed || before.State == swim.Left) && before.Instance == m.Instance
}

// goodbye: only who was asked to stop, or has lost a half that was, has left. Where somebody
// lies, one that cannot say that it is there may be believed to have gone, and so may one that
// has failed and waits until it has been well for long.
func (a *Auditor) goodbye(n *node, f Published) {
	subject := a.subject(f.Member)
	if f.Member.State != swim.Left || subject == nil || subject.asked {
		return
	}
	_, lied := a.lies[f.Member.ID]
	if lied && n.alreadyGone(f.Member) {
		return
	}
	if !lied || (a.healthyFor(subject) > a.settled() && a.healthyFor(n) > a.settled()) {
		a.violated(RuleGoodbye, "node %s says that %s has left, which nobody has asked to", f.Observer, f.Member.ID)
	}
}

// reason: a half that has run well for a while is not said to be down, first-hand, by a node
// that has been well too. Who repeats it may be late, or believe somebody who is sick. And
// two halves that stood still together for long do not blame one another.
func (a *Auditor) reason(n *node, f Published) {
	subject := a.subject(f.Member)
	which := Detector
	switch {
	case subject == nil || f.Member.Accuser != n.id || (f.Member.State != swim.Suspect && f.Member.State != swim.Failed):
		return
	case f.Member.Reason == swim.DisseminatorDown:
		which = Disseminator
	case f.Member.Reason != swim.DetectorDown:
		return
	}
	switch h := &subject.halves[which]; {
	case !h.runs():
	case min(a.healthyFor(subject), a.healthyFor(n)) > a.settled() && a.evenFor(subject) > a.promises.Period:
		a.violated(RuleReason, "node %s says that the %s of %s is down; it has run well for %s",
			f.Observer, which, f.Member.ID, a.healthyFor(subject).Round(time.Millisecond))
	case subject == n && a.evenFor(n) > a.settled() && a.now-h.longestEnds < a.promises.Period:
		a.violated(RuleReason, "node %s says that its own %s is down, while both its halves have run or stood still together for %s",
			f.Observer, which, a.evenFor(n).Round(time.Millisecond))
	}
}

// evenFor is for how long both halves of a node have run, or not, together; zero while only
// one does, or if the two could not be heard by others.
func (a *Auditor) evenFor(n *node) time.Duration {
	if n.uneven || n.disturbed > 0 || n.asked {
		return 0
	}
	return a.now - max(n.evenSince, n.calmSince)
}
