package membership_test

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/swimpair/swim/disseminator/membership"
	"github.com/swimpair/swim/proto/swim"
)

// auditor knows what has to hold whatever comes in.
type auditor struct {
	self     swim.Member
	rows     map[swim.NodeID]swim.Member // as watchers know them
	contacts map[swim.Address]int
	revision uint64
	highest  map[swim.NodeID]swim.Incarnation // that anybody has claimed of a member
	waiting  map[membership.Call]time.Duration
	answered map[membership.Call]bool
	pushing  map[swim.NodeID]membership.CallNumber
	pushedAt map[swim.NodeID]time.Duration
	stopAt   time.Duration // when the process was asked to stop, or 0
	paused   time.Duration // in all

	now          time.Duration
	sender       swim.NodeID // of the input
	callee       map[membership.CallNumber]swim.NodeID
	suspectSince map[swim.NodeID]time.Duration
}

func newAuditor(s membership.Snapshot) *auditor {
	a := &auditor{
		self: s.Self, rows: map[swim.NodeID]swim.Member{}, contacts: map[swim.Address]int{}, revision: s.Revision,
		highest: map[swim.NodeID]swim.Incarnation{}, waiting: map[membership.Call]time.Duration{},
		answered: map[membership.Call]bool{}, pushing: map[swim.NodeID]membership.CallNumber{},
		pushedAt: map[swim.NodeID]time.Duration{}, suspectSince: map[swim.NodeID]time.Duration{}, callee: map[membership.CallNumber]swim.NodeID{},
	}
	for _, m := range s.Members {
		a.rows[m.ID] = m
	}
	for _, m := range s.Contacts {
		a.contacts[m.DetectorAddress]++
	}
	return a
}

// check sees one step. Time in which the process was paused does not count.
func (a *auditor) check(now time.Duration, in membership.Input, effects []membership.Effect, after membership.Snapshot) error {
	a.now, a.sender = now, ""
	now -= a.paused
	a.noteInput(now, in)
	var faults []error
	for _, e := range effects {
		faults = append(faults, a.checkAnswer(e), a.checkCall(e))
		if p, ok := e.(membership.Publish); ok {
			faults = append(faults, a.checkChange(p.Change))
		}
		if h, ok := e.(membership.Heartbeat); ok {
			faults = append(faults, a.checkDigest(h.Digest))
		}
		if _, ok := e.(membership.Halt); ok {
			return errors.Join(faults...) // nobody is left to wait for an answer
		}
	}
	faults = append(faults, a.checkBounds(effects, after), a.checkTable(after), a.checkDigest(after.Digest), a.checkWaiting(now))
	return errors.Join(faults...)
}

// noteInput keeps who waits for an answer, and what has been claimed.
func (a *auditor) noteInput(now time.Duration, in membership.Input) {
	switch in := in.(type) {
	case membership.NewsReceived:
		a.waiting[in.Call], a.sender = now, in.Sender
		a.claimed(in.Members...)
	case membership.BareAccusationReceived:
		a.waiting[in.Call] = now
	case membership.JoinReceived:
		a.waiting[in.Call] = now
		a.claimed(in.Member)
	case membership.SyncReceived:
		a.waiting[in.Call], a.sender = now, in.Sender.ID
		a.claimed(append(in.Members, in.Sender)...)
	case membership.ContactReached:
		a.claimed(in.Responder)
	case membership.NewsEnded:
		a.sender = a.callee[in.Number]
		a.claimed(in.Newer...)
		for id, number := range a.pushing {
			if number == in.Number {
				delete(a.pushing, id)
			}
		}
	case membership.SyncEnded:
		a.sender = in.Responder.ID
		a.claimed(append(in.Newer, in.Responder)...)
	case membership.JoinEnded:
		a.claimed(in.Members...)
	case membership.LeaveRequested:
		a.waiting[in.Call] = now
	case membership.ForgetRequested:
		a.waiting[in.Call] = now
	case membership.TagsRequested:
		a.waiting[in.Call] = now
	case membership.StopRequested:
		if a.stopAt == 0 {
			a.stopAt = max(now, 1)
		}
	}
}

func (a *auditor) claimed(members ...swim.Member) {
	for _, m := range members {
		a.highest[m.ID] = max(a.highest[m.ID], m.Incarnation)
	}
}

// checkAnswer: every request is answered at most once.
func (a *auditor) checkAnswer(e membership.Effect) error {
	call := callOf(e)
	if call == 0 {
		return nil
	}
	if _, asked := a.waiting[call]; !asked || a.answered[call] {
		return fmt.Errorf("request %d is answered twice, or was never made: %+v", call, e)
	}
	delete(a.waiting, call)
	a.answered[call] = true
	return nil
}

// checkCall: news goes to live members other than this node, one call to each at a time,
// unless that has been out for half a period. A range has a queue of its own.
func (a *auditor) checkCall(e membership.Effect) error {
	d, ok := e.(membership.Disseminate)
	if !ok {
		return nil
	}
	if to := a.rows[d.To.ID]; d.To.ID == a.self.ID || !to.State.Live() {
		return fmt.Errorf("told %s, which is %s: %+v", d.To.ID, to.State, d)
	}
	if a.callee[d.Number] = d.To.ID; d.Accusation || d.Serve != nil {
		return nil
	}
	if number, busy := a.pushing[d.To.ID]; busy && a.now-a.pushedAt[d.To.ID] < period/2 {
		return fmt.Errorf("news to %s while call %d is out", d.To.ID, number)
	}
	a.pushing[d.To.ID], a.pushedAt[d.To.ID] = d.Number, a.now
	return nil
}

// checkChange: revisions have no gaps, records never become older, and only their subject
// raises an incarnation.
func (a *auditor) checkChange(change membership.Change) error {
	m := change.Member
	if a.revision++; change.Revision != a.revision {
		return fmt.Errorf("revision %d follows %d", change.Revision, a.revision-1)
	}
	if m.State == swim.Contact {
		return a.checkContact(change)
	}
	old, known := a.rows[m.ID]
	a.rows[m.ID] = m
	if !m.State.Live() {
		delete(a.pushing, m.ID) // its queue is dropped
	}
	switch {
	case known && swim.Supersedes(old, m):
		return fmt.Errorf("the record of %s went from %+v down to %+v", m.ID, old, m)
	case change.Previous != old.State:
		return fmt.Errorf("the previous state of %s is said to be %s, it was %s", m.ID, change.Previous, old.State)
	case m.ID != a.self.ID && m.Incarnation > a.highest[m.ID]:
		return fmt.Errorf("%s was raised to %d, it never said more than %d", m.ID, m.Incarnation, a.highest[m.ID])
	case m.ID == a.self.ID && m.Incarnation < old.Incarnation:
		return fmt.Errorf("the own incarnation went from %d down to %d", old.Incarnation, m.Incarnation)
	case m.ID == a.self.ID && m.State != swim.Alive && m.State != swim.Left && m.Reason != swim.DetectorDown:
		return fmt.Errorf("this node holds itself %s, %s", m.State, m.Reason)
	}
	return a.checkVerdict(old, m)
}

// checkVerdict: nobody is failed by news or by time that was not suspect here before, for
// as long as a healthy process may stand still. What the subject, or its host, says is
// another matter.
func (a *auditor) checkVerdict(old, m swim.Member) error {
	if m.State == swim.Suspect && (old.State != swim.Suspect || old.Incarnation != m.Incarnation || old.Instance != m.Instance) {
		a.suspectSince[m.ID] = a.now
	}
	byItself := m.ID == a.self.ID || m.Reason == swim.Crashed || a.sender == m.ID
	if m.State != swim.Failed || !old.State.Live() || byItself {
		return nil
	}
	if since, suspect := a.suspectSince[m.ID]; old.State != swim.Suspect || !suspect || a.now-since < time.Second {
		return fmt.Errorf("%s is failed; before it was %s, for %s", m.ID, old.State, a.now-since)
	}
	return nil
}

// checkDigest: what goes out sums up the live rows.
func (a *auditor) checkDigest(digest swim.Digest) error {
	var sum uint64
	for _, m := range a.rows { // order does not matter: a sum
		sum += swim.DigestOf(m)
	}
	if digest.Hash != sum || digest.Age < 0 {
		return fmt.Errorf("the digest is %x, %s old; the live rows sum up to %x", digest.Hash, digest.Age, sum)
	}
	return nil
}

func (a *auditor) checkContact(change membership.Change) error {
	at := change.Member.DetectorAddress
	switch {
	case change.Removed:
	case change.Previous == swim.Contact: // told again
		if a.contacts[at] != 1 {
			return fmt.Errorf("contact %s was told again, and is listed %d times", at, a.contacts[at])
		}
		return nil
	default:
		a.contacts[at]++
		return nil
	}
	if a.contacts[at]--; a.contacts[at] < 0 {
		return fmt.Errorf("contact %s was removed without having been listed", at)
	}
	return nil
}

// checkTable: whoever has heard every change knows what a snapshot says.
func (a *auditor) checkTable(after membership.Snapshot) error {
	var known, listed []string
	for _, m := range a.rows {
		if m.State != swim.Forgotten {
			known = append(known, fmt.Sprintf("%+v", m))
		}
	}
	for at, count := range a.contacts {
		for range count {
			known = append(known, "contact "+string(at))
		}
	}
	for _, m := range after.Members {
		listed = append(listed, fmt.Sprintf("%+v", m))
	}
	for _, m := range after.Contacts {
		listed = append(listed, "contact "+string(m.DetectorAddress))
	}
	slices.Sort(known)
	slices.Sort(listed)
	if !slices.Equal(known, listed) {
		return fmt.Errorf("watchers know\n%v\nthe snapshot has\n%v", known, listed)
	}
	return nil
}

// checkBounds: what peers send makes neither the tables nor the reaction grow without end.
func (a *auditor) checkBounds(effects []membership.Effect, after membership.Snapshot) error {
	if len(after.Members) > 6 {
		return fmt.Errorf("%d members, of six ids", len(after.Members))
	}
	if len(after.Contacts) > 3+256 {
		return fmt.Errorf("%d contacts", len(after.Contacts))
	}
	if bound := 100 + len(a.waiting) + len(a.answered); len(effects) > bound {
		return fmt.Errorf("%d effects of one step", len(effects))
	}
	return nil
}

// checkWaiting: every request is answered, and a request to stop ends in a Halt, in
// bounded time.
func (a *auditor) checkWaiting(now time.Duration) error {
	for call, since := range a.waiting {
		if now-since > answerBound {
			return fmt.Errorf("request %d waits since %s, %s ago", call, since, now-since)
		}
	}
	if a.stopAt > 0 && now-a.stopAt > answerBound {
		return fmt.Errorf("asked to stop %s ago, and no Halt", now-a.stopAt)
	}
	return nil
}
