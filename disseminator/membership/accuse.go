package membership

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/swimpair/swim/proto/swim"
)

// occasion says why a member is asked whether it lives.
type occasion uint8

const (
	onMissedPing occasion = iota + 1 // the own detector got no ack in time
	onHearsay                        // a table, or a peer without evidence, says so
	onSuspicion                      // somebody else's suspicion: does the accused know of it?
	onExpiry                         // the suspicion is over: a last word
	onSilence                        // its disseminator has not taken news for long
)

// accusation is a member that has been asked, and what depends on its answer. Whoever is
// accused is the first to hear of it: what reaches its disseminator may still be refuted.
type accusation struct {
	occasion occasion
	member   swim.Member // its row when it was asked
	claim    swim.Member // hearsay: the row that somebody holds
	call     CallNumber  // 0: ended
	calledAt time.Duration
	outcome  outcome
	verdict  bool          // the own detector has given up meanwhile
	decideAt time.Duration // when that makes it a suspect, answered or not
	until    time.Duration // when the outcome is no news any more
	void     bool          // this process was paused meanwhile: the silence may be its own
	trace    swim.TraceID
}

// outcome of an accusation.
type outcome uint8

const (
	unanswered outcome = iota
	vouched            // its disseminator has heard its detector since
	halfDown           // its disseminator has not
	unwell             // it is there, and does not vouch for itself
)

// pingMissed asks the accused while the own detector still asks its proxies. A mere
// question: nobody else hears of it, and no incarnation is spent on the answer.
func (c *Core) pingMissed(in PingMissed) {
	row, known := c.table.get(in.Target)
	if known && row.State == swim.Alive && isCurrent(row, in.Incarnation, in.Instance) && !c.isQuiet() {
		c.accuse(accusation{occasion: onMissedPing, member: row, trace: in.Trace})
	}
}

// isCurrent: a finding about that life and incarnation is one about the row.
func isCurrent(row swim.Member, incarnation swim.Incarnation, instance swim.Instance) bool {
	return row.Incarnation == incarnation && row.Instance == instance
}

// targetUnreachable is the finding of the own detector.
func (c *Core) targetUnreachable(in TargetUnreachable) {
	row, known := c.table.get(in.Target)
	half := slices.ContainsFunc(in.Paths, func(p swim.Path) bool { return p.Evidence == swim.HalfDown })
	switch {
	case c.crashFound(row, in):
	case !known || !row.State.Live() || row.ID == c.cfg.Self.ID || !isCurrent(row, in.Incarnation, in.Instance):
		c.do(Event{Kind: AccusationStale, Member: in.Target, Trace: in.Trace,
			Detail: fmt.Sprintf("incarnation %d of a live member is not known", in.Incarnation)})
	case c.farewell.started || c.isQuiet():
	case c.isUnwell() && !half: // half is what somebody else has said
	case isHalf(row) && row.Reason == swim.DisseminatorDown && !half:
		c.bothHalvesSilent(row.ID)
	case isHalf(row):
	case half:
		c.suspect(row, swim.DisseminatorDown, in.Trace)
	case row.State == swim.Suspect:
		c.confirm(row, in.Trace)
	default:
		c.unreachable(row, in)
	}
}

// unreachable turns the finding into a suspicion, unless the accused has answered.
func (c *Core) unreachable(row swim.Member, in TargetUnreachable) {
	i := c.findAccusation(row.ID, onMissedPing)
	if i < 0 { // it was not asked yet
		c.do(Event{Kind: AccusationStarted, Member: row.ID, Detail: describePaths(in.Paths), Trace: in.Trace})
		c.accuse(accusation{occasion: onMissedPing, member: row, verdict: true, trace: in.Trace})
		return
	}
	switch a := &c.accusations[i]; {
	case a.void || a.verdict || swim.Supersedes(row, a.member):
	case a.call == 0 && a.outcome == vouched:
		c.do(Event{Kind: AccusationRefuted, Member: row.ID, Trace: in.Trace,
			Detail: "its disseminator vouches for its detector: " + describePaths(in.Paths)})
	default:
		c.do(Event{Kind: AccusationStarted, Member: row.ID, Detail: describePaths(in.Paths), Trace: in.Trace})
		a.verdict = true
		if a.call == 0 {
			c.decide(row, *a)
		}
	}
}

// decide makes a suspect of a member that the own detector has given up, and that has not
// answered for itself.
func (c *Core) decide(row swim.Member, a accusation) {
	switch {
	case c.isUnwell():
	case a.outcome == halfDown:
		c.suspect(row, swim.DetectorDown, a.trace)
	default:
		c.suspect(row, swim.Unreachable, a.trace)
	}
}

// runAccusations does not wait for an answer longer than a proxy would be waited for, and
// lets go of outcomes that are no news any more.
func (c *Core) runAccusations() {
	for _, a := range slices.Clone(c.accusations) {
		row, _ := c.table.get(a.member.ID)
		due := a.call != 0 && a.verdict && c.now.Mono >= a.decideAt
		if due && row.State == swim.Alive && !a.void && !c.isQuiet() && !swim.Supersedes(row, a.member) {
			c.decide(row, a)
		}
	}
	c.accusations = slices.DeleteFunc(c.accusations, func(a accusation) bool { return a.call == 0 && c.now.Mono >= a.until })
}

func (c *Core) accusationDeadline() time.Duration {
	next := never
	for i := range c.accusations {
		if a := &c.accusations[i]; a.call != 0 && a.verdict && a.decideAt > c.now.Mono {
			next = min(next, a.decideAt)
		}
	}
	return next
}

func describePaths(paths []swim.Path) string {
	words := make([]string, len(paths))
	for i, p := range paths {
		words[i] = p.String()
	}
	return strings.Join(words, ", ")
}

func (c *Core) findAccusation(id swim.NodeID, o occasion) int {
	return slices.IndexFunc(c.accusations, func(a accusation) bool { return a.member.ID == id && a.occasion == o })
}

// accuse asks the accused, unless it is being asked on that occasion already.
func (c *Core) accuse(a accusation) {
	if c.farewell.started {
		return
	}
	if i := c.findAccusation(a.member.ID, a.occasion); i >= 0 {
		if c.accusations[i].call != 0 {
			return
		}
		c.accusations = slices.Delete(c.accusations, i, i+1)
	}
	timeout := c.interval()
	if a.occasion == onExpiry {
		timeout = lastWord
	}
	a.call, a.calledAt = c.newCall(), c.now.Mono
	a.decideAt, a.until = c.now.Mono+min(c.interval()/2, lastWord), c.now.Mono+timeout+c.interval()
	c.accusations = append(c.accusations, a)
	c.do(Disseminate{
		Number: a.call, To: a.member, Members: []swim.Member{a.shown(c.cfg.Self.ID)},
		Accusation: true, Timeout: timeout, Trace: a.trace,
	})
}

// shown is what the accused sees: the row as it is held here. Hearsay is put in this
// node's own words, about the life that it knows.
func (a *accusation) shown(self swim.NodeID) swim.Member {
	row := a.member
	if a.occasion == onHearsay && row.State == swim.Alive {
		row.State, row.Reason, row.Accuser = swim.Suspect, a.claim.Reason, self
	}
	return row
}

// accusationEnded reports whether the call was an accusation.
func (c *Core) accusationEnded(in NewsEnded) bool {
	i := slices.IndexFunc(c.accusations, func(a accusation) bool { return a.call == in.Number })
	if i < 0 {
		return false
	}
	a := &c.accusations[i]
	in = in.meantFor(a.member.ID)
	c.noteOutcome(a.member.ID, in.Evidence, a.calledAt)
	a.call = 0
	switch {
	case in.Evidence == swim.Acked && in.DetectorDown:
		a.outcome = halfDown
	case in.Evidence == swim.Acked && isOfAnotherLife(a.member, in):
		// It cannot vouch for the one that was meant.
	case in.Evidence == swim.Acked && in.Unwell:
		a.outcome = unwell
	case in.Evidence == swim.Acked:
		a.outcome = vouched
	case in.Evidence == swim.None:
		a.void = true
	}
	ended := *a
	c.learnAll(in.Newer, told{by: ended.member.ID, firstHand: in.ResponderID == ended.member.ID}, ended.trace)
	row, _ := c.table.get(ended.member.ID)
	switch {
	case ended.void || c.farewell.started || !row.State.Live():
	case swim.Supersedes(row, ended.member):
		c.do(Event{Kind: AccusationRefuted, Member: row.ID, Trace: ended.trace,
			Detail: fmt.Sprintf("%s, incarnation %d", row.State, row.Incarnation)})
		c.passOn(row, ended)
	default:
		c.accusationStands(row, ended)
	}
	return true
}

// isOfAnotherLife: who answered is the member, started anew.
func isOfAnotherLife(meant swim.Member, in NewsEnded) bool {
	return in.ResponderID != "" && in.ResponderInstance != meant.Instance ||
		slices.ContainsFunc(in.Newer, func(m swim.Member) bool { return m.ID == meant.ID && m.Instance != meant.Instance })
}

// accusationStands: the accused has not outdone what is said of it.
func (c *Core) accusationStands(row swim.Member, a accusation) {
	switch {
	case a.occasion == onExpiry && a.outcome == vouched && !isHalf(row):
		c.suspectAnswered(row.ID, a.trace)
	case a.occasion == onHearsay && a.outcome == unanswered:
		c.hearsayUnanswered(a)
	case a.occasion == onSuspicion && a.outcome == unanswered && isHalf(row) && row.Reason == swim.DetectorDown:
		c.bothHalvesSilent(row.ID)
	case a.occasion == onSilence && a.outcome == unanswered && row.State == swim.Alive && !c.isQuiet() && !c.isUnwell():
		c.suspect(row, swim.DisseminatorDown, a.trace)
	case a.occasion == onMissedPing && a.verdict && a.outcome != vouched && !c.isQuiet():
		c.decide(row, a)
	}
}

// passOn tells the leader of a suspicion that the accused has answered here: its own way
// to the accused may be cut.
func (c *Core) passOn(row swim.Member, a accusation) {
	if a.member.State == swim.Suspect {
		c.tellLeader(a.member.Accuser, news{about: row.ID, trace: a.trace})
	}
}

// hearsayUnanswered: a goodbye that this node missed is believed once the member is gone.
// A failure is not: the own detector finds out for itself.
func (c *Core) hearsayUnanswered(a accusation) {
	if a.claim.State == swim.Left || a.claim.State == swim.Forgotten {
		c.apply(a.claim, a.trace)
		return
	}
	c.beat(Heartbeat{ProbeRequested: a.member.ID})
}

// bareAccusationReceived makes sure before it believes: a peer of the seed's family gives
// neither evidence nor incarnation.
func (c *Core) bareAccusationReceived(in BareAccusationReceived) {
	row, known := c.lookUp(in.TargetID, in.TargetAddress)
	c.do(AnswerBareAccusation{Call: in.Call, Known: known})
	if !known || !row.State.Live() || row.ID == c.cfg.Self.ID {
		return
	}
	claim := row
	claim.State, claim.Reason = swim.Failed, swim.Unreachable
	c.accuse(accusation{occasion: onHearsay, member: row, claim: claim, trace: in.Trace})
}

func (c *Core) lookUp(id swim.NodeID, address swim.Address) (swim.Member, bool) {
	if id != "" {
		return c.table.get(id)
	}
	i := slices.IndexFunc(c.table.rows, func(m *swim.Member) bool { return m.DetectorAddress == address })
	if i < 0 {
		return swim.Member{}, false
	}
	return *c.table.rows[i], true
}
