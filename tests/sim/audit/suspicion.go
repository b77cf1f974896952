package audit

import (
	"math"
	"slices"
	"time"

	"github.com/swimpair/swim/proto/swim"
)

// suspicion judges how a node comes to suspect a member, and what becomes of that.
func (a *Auditor) suspicion(n *node, m, before swim.Member) {
	s := n.suspicions[m.ID]
	same := before.State == swim.Suspect && before.Incarnation == m.Incarnation && before.Instance == m.Instance
	if m.State == swim.Suspect && before.State == swim.Alive && before.Instance == m.Instance {
		a.credulity(n, m)
		if m.Accuser == n.id && m.ID != n.id {
			a.haste(n, m)
			a.paths(n, m)
			a.blame(n, m)
		}
	}
	if s != nil && !same {
		a.refutation(n, before, s)
		a.noteFalseAlarm(n, m, before, s)
	}
	switch {
	case m.State == swim.Suspect && !same:
		n.suspicions[m.ID] = &suspicion{since: a.now, least: math.MaxInt}
	case m.State == swim.Failed && before.State.Live():
		a.time(n, m, before, s, same)
		if m.Accuser == n.id && m.Reason == swim.Unreachable && s != nil && same {
			a.witnesses(n, m, s)
			a.fate(n, m, s)
		}
		if of := (suspected{m.Instance, m.Incarnation}); a.failed[of] == "" {
			a.failed[of] = n.name
			if subject := a.subject(m); subject != nil {
				subject.failures++
			}
		}
	}
	if m.State != swim.Suspect {
		delete(n.suspicions, m.ID)
	}
}

// countSuspects keeps whether most others are suspect together, and how many are live.
func (a *Auditor) countSuspects(n *node) {
	live, suspects := 0, 0
	for _, row := range n.rows { // order does not matter: sums
		if row.ID == n.id || !row.State.Live() {
			continue
		}
		live++
		if row.State == swim.Suspect && !isHalf(row) {
			suspects++
		}
	}
	for _, s := range n.suspicions {
		s.least = min(s.least, live)
	}
	most := 0
	if suspects >= 3 && 2*suspects > live {
		most = 1
	}
	if most != n.mostSuspect.count {
		n.mostSuspect = disturbance{count: most, changed: a.now}
	}
}

func isHalf(m swim.Member) bool {
	return m.Reason == swim.DetectorDown || m.Reason == swim.DisseminatorDown
}

// time: nobody is failed in a table without having been suspect there before, for as long as
// a healthy process may stand still. Its own word, and its own host's, need no time.
func (a *Auditor) time(n *node, m, before swim.Member, s *suspicion, same bool) {
	if m.Accuser == m.ID || m.Reason == swim.Crashed {
		return
	}
	waited := time.Duration(0)
	if s != nil {
		waited = a.now - s.since
	}
	if !same || waited < a.promises.PauseTolerance {
		a.violated(RuleTime, "node %s says that %s has failed (%s, said by %s), which was %s at %d before, for %s",
			n.name, m.ID, m.Reason, m.Accuser, before.State, before.Incarnation, waited.Round(time.Millisecond))
	}
}

// shortestPing is what the most urgent ping waits for its ack.
const shortestPing = 250 * time.Millisecond

// haste: before anybody finds a life silent, a ping has to have waited for it.
func (a *Auditor) haste(n *node, m swim.Member) {
	subject := a.subject(m)
	if subject == nil || m.Reason != swim.Unreachable {
		return
	}
	if lived := a.now - subject.halves[Disseminator].since; subject.halves[Disseminator].running && lived < shortestPing {
		a.violated(RuleHaste, "node %s accuses %s, which has lived for %s only", n.name, m.ID, lived.Round(time.Millisecond))
	}
}

// paths: whoever cannot reach a member itself asks others (SWIM 3.1). If nothing is wrong but
// the way between the two, it accuses nobody.
func (a *Auditor) paths(n *node, m swim.Member) {
	subject := a.subject(m)
	if subject == nil || m.Reason != swim.Unreachable || len(a.order) < 3 ||
		a.healthyBut(n, subject.name) <= a.settled() || a.healthyBut(subject, n.name) <= a.settled() {
		return
	}
	if a.lied > 0 && a.now-a.lied <= a.settled() {
		return // whom somebody has accused is looked at in a hurry, without proxies
	}
	for _, name := range a.order {
		other := a.nodes[name]
		if other == n || other == subject {
			continue
		}
		asked := n.rows[other.id].State == swim.Alive && a.now-n.since[other.id] > a.promises.Period
		if min(a.healthyFor(other), a.now-other.stoodStill) <= a.settled() || !asked {
			return // it cannot be asked, or is not
		}
	}
	a.violated(RulePaths, "node %s accuses %s, which all others reach", n.name, m.ID)
}

// blame: a node that stood still has heard nobody, and accuses nobody, before it had the time
// to ping.
func (a *Auditor) blame(n *node, m swim.Member) {
	subject := a.subject(m)
	if m.Reason != swim.Unreachable || subject == nil || a.downFor(subject) > 0 {
		return // it did not have to wait to see that
	}
	if _, lied := a.lies[m.ID]; lied {
		return // it hears what it has said itself
	}
	for i := range n.halves {
		h := &n.halves[i]
		if h.longestEnds > 0 && a.now-h.longestEnds < shortestPing {
			a.violated(RuleBlame, "node %s accuses %s %s after it stood still itself",
				n.name, m.ID, (a.now - h.longestEnds).Round(time.Millisecond))
		}
	}
}

// witnesses: the first accuser fails a member after the longest time, or after as much less
// as the number of those who have found the same allows (Lifeguard, section IV-B).
func (a *Auditor) witnesses(n *node, m swim.Member, s *suspicion) {
	of := suspected{m.Instance, m.Incarnation}
	if _, lied := a.lies[m.ID]; lied || a.failed[of] != "" {
		return // others say so as well
	}
	found, expected := len(n.confirmation[of]), min(3, s.least-1)
	required := a.promises.SuspicionMax
	switch {
	case found > 0 && found >= expected:
		required = a.promises.PauseTolerance
	case expected > 0:
		share := math.Log(float64(found+1)) / math.Log(float64(expected+1))
		required -= time.Duration(share * float64(a.promises.SuspicionMax-a.promises.PauseTolerance))
	}
	const rounding = time.Millisecond
	if waited := a.now - s.since; waited+rounding < max(required, a.promises.PauseTolerance) {
		a.violated(RuleWitnesses, "node %s fails %s after %s, with %d witnesses of %d that could be",
			n.name, m.ID, waited.Round(time.Millisecond), found, expected)
	}
}

// fate: if most of the others are suspect together, the observer may be the one that is cut
// off, and waits once more, whatever others have found.
func (a *Auditor) fate(n *node, m swim.Member, s *suspicion) {
	long := n.mostSuspect.count > 0 && a.now-n.mostSuspect.changed > a.promises.Period
	if a.failed[suspected{m.Instance, m.Incarnation}] != "" {
		return // others say so as well
	}
	if waited := a.now - s.since; long && waited < a.promises.PauseTolerance+a.promises.SuspicionMax {
		a.violated(RuleFate, "node %s fails %s after %s, while most of the others are suspect, too",
			n.name, m.ID, waited.Round(time.Millisecond))
	}
}

// refutation: a member that is well, and suspect for a node that is well, hears of it and is
// cleared within three periods. If its accuser is sick, so that hardly anybody hears of it, it
// is asked when the longest suspicion is over at the latest.
func (a *Auditor) refutation(n *node, before swim.Member, s *suspicion) {
	subject := a.subject(before)
	held := a.now - s.since
	limit := 3 * a.promises.Period
	if accuser := a.nodes[before.Accuser]; accuser == nil || a.healthyFor(accuser) <= a.settled()+held {
		limit = a.promises.SuspicionMax + 2*a.promises.Period
	}
	if subject == nil || subject == n || held <= limit {
		return
	}
	if well := a.settled() + held; a.healthyFor(subject) > well && a.healthyFor(n) > well && a.now-subject.stoodStill > well {
		a.violated(RuleRefutation, "node %s has held %s suspect for %s (%s, said by %s), which is well",
			n.name, before.ID, held.Round(time.Millisecond), before.Reason, before.Accuser)
	}
}

// A false alarm is refuted at once. Whoever has raised so many in so short a time is not
// believed.
const (
	atOnce       = 200 * time.Millisecond
	falseAlarms  = 3
	alarmsWithin = 50 * time.Second
)

func (a *Auditor) noteFalseAlarm(n *node, m, before swim.Member, s *suspicion) {
	refuted := m.State == swim.Alive && m.Instance == before.Instance && a.now-s.since < atOnce
	if refuted && !isHalf(before) && before.Accuser != n.id && before.Accuser != m.ID {
		n.falseAlarms[before.Accuser] = append(n.falseAlarms[before.Accuser], a.now)
	}
}

func (a *Auditor) credulity(n *node, m swim.Member) {
	recent := slices.DeleteFunc(n.falseAlarms[m.Accuser], func(at time.Duration) bool { return a.now-at > alarmsWithin })
	n.falseAlarms[m.Accuser] = recent
	if m.Accuser != m.ID && len(recent) >= falseAlarms {
		a.violated(RuleCredulity, "node %s believes %s that %s is suspect, after %d false alarms within %s",
			n.name, m.Accuser, m.ID, len(recent), alarmsWithin)
	}
}

// answers: between two nodes that have been well nothing stays without an answer.
func (a *Auditor) answers(f Unanswered) {
	for _, name := range []swim.NodeID{f.From, f.To} {
		if n := a.node(name); a.healthyFor(n) <= a.settled() || a.now-n.stoodStill <= a.settled() {
			return
		}
	}
	a.violated(RuleAnswers, "node %s has no answer of %s to its %s in time", f.From, f.To, f.Kind)
}
