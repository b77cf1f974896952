package membership

import (
	"fmt"
	"slices"
	"time"

	"github.com/swimpair/swim/proto/swim"
)

// defence is this node's answer to accusations against itself. It may only say "alive"
// with a lease of its own detector that is younger than the accusation: a disseminator
// cannot speak for a detector that is dead or frozen.
type defence struct {
	asked   bool             // for a lease
	accused bool             // a lease will be followed by a refutation, as soon as that may be
	failed  bool             // somebody holds this node for failed already
	outbid  swim.Incarnation // the highest incarnation that was used against this node
	waiting []waitingAccuser // calls to answer then
	tables  []swim.Member    // peers whose tables say so, to compare with again then
	trace   swim.TraceID
}

// maxAccusers bounds the calls that wait, and the tables; who comes later gets no answer
// that vouches.
const maxAccusers = 256

type waitingAccuser struct {
	call  Call
	until time.Duration
}

func (d *defence) deadline() time.Duration {
	next := never
	for _, w := range d.waiting {
		next = min(next, w.until)
	}
	return next
}

func (d *defence) postpone(gap time.Duration) {
	for i := range d.waiting {
		d.waiting[i].until += gap
	}
}

// learnAboutMyself takes in a record of this node that somebody else holds.
func (c *Core) learnAboutMyself(m swim.Member, trace swim.TraceID) (newer swim.Member, beaten bool) {
	self := c.self()
	if m.Instance != self.Instance {
		c.idIsHeld(m, trace)
		return c.self(), true
	}
	if !swim.Supersedes(m, self) {
		return self, swim.Supersedes(self, m)
	}
	if m.Incarnation > swim.MaxIncarnation/2 {
		c.refuseRecord(m, fmt.Sprintf("nobody reaches incarnation %d", m.Incarnation), trace)
		return self, true
	}
	c.accusedMyself(m, trace)
	return swim.Member{}, false
}

// accusedMyself prepares a refutation; the next lease brings it.
func (c *Core) accusedMyself(m swim.Member, trace swim.TraceID) {
	if c.farewell.started {
		return
	}
	c.defence.outbid = max(c.defence.outbid, c.withinOneJump(m.Incarnation))
	c.defence.failed = c.defence.failed || !m.State.Live()
	if c.defence.accused {
		return
	}
	c.defence.accused, c.defence.trace = true, trace
	c.do(Event{Kind: AccusedMyself, Member: m.ID, Detail: describe(m), Trace: trace})
	if c.pair.down == "" {
		c.askForALease()
	}
}

func (c *Core) askForALease() {
	if !c.defence.asked {
		c.defence.asked = true
		c.beat(Heartbeat{LeaseRequested: true})
	}
}

// defend holds the answer to an accusation back until the lease has come. It reports false
// if there is nothing to wait for.
func (c *Core) defend(in NewsReceived, newer []swim.Member) bool {
	self := c.self()
	aboutMe := slices.ContainsFunc(in.Members, func(m swim.Member) bool {
		return identityOf(m) == identityOf(self) && !swim.Supersedes(self, m) // what is past needs no lease
	})
	switch {
	case !aboutMe || c.farewell.started:
		return false
	case c.pair.down != "":
		c.answerNews(AnswerNews{Call: in.Call, Newer: newer, DetectorDown: true})
		return true
	case len(c.defence.waiting) >= maxAccusers:
		return false
	}
	c.askForALease()
	patience := 3 * c.interval() / 4 // the accuser waits for one interval
	c.defence.waiting = append(c.defence.waiting, waitingAccuser{call: in.Call, until: c.now.Mono + patience})
	return true
}

// refute outbids whatever was said, and vouches where nothing was. Called with each lease.
func (c *Core) refute() {
	c.defence.asked = false
	accused := c.defence.accused || c.self().State != swim.Alive
	if (c.defence.accused || len(c.defence.waiting) > 0) && !c.maySpeak() {
		c.answerAccusers(AnswerNews{Unwell: true})
		return
	}
	if accused && !c.farewell.started {
		c.raise(c.defence.outbid, swim.Refuted, c.defence.trace)
		c.do(Event{Kind: RefutedMyself, Member: c.cfg.Self.ID, Trace: c.defence.trace,
			Detail: fmt.Sprintf("incarnation %d", c.self().Incarnation)})
	}
	c.answerAccusers(AnswerNews{Newer: []swim.Member{c.self()}})
	for _, m := range c.defence.tables { // they may hold this node failed, and be failed here
		c.startSync(syncCall{purpose: toHeal, trace: c.defence.trace}, m.DisseminatorAddress, m.ID, c.cfg.Self.ID)
	}
	c.defence = defence{}
}

// answerAccusers gives all that wait the same answer.
func (c *Core) answerAccusers(a AnswerNews) {
	for _, w := range c.defence.waiting {
		a.Call = w.call
		c.answerNews(a)
	}
	c.defence.waiting = nil
}

// withinOneJump is how far this node goes at once to outbid a claim: what it then says of
// itself is believed by those who did not hear the claim, too. Those who did answer with
// it, and the next step follows.
func (c *Core) withinOneJump(claimed swim.Incarnation) swim.Incarnation {
	return min(claimed, c.self().Incarnation+swim.MaxIncarnationJump-1)
}

// raise gives this node's record an incarnation above all that is known of it, and tells
// everybody if they know this instance at all.
func (c *Core) raise(above swim.Incarnation, reason swim.Reason, trace swim.TraceID) {
	self := c.self()
	self.Incarnation = max(self.Incarnation, above) + 1
	self.State, self.Reason, self.Accuser = swim.Alive, reason, ""
	c.apply(self, trace)
	if c.admitted {
		c.broadcast(self.ID, trace)
	}
}

// answerOverdueAccusers says what the missing lease means.
func (c *Core) answerOverdueAccusers() {
	kept := c.defence.waiting[:0]
	for _, w := range c.defence.waiting {
		if c.now.Mono < w.until {
			kept = append(kept, w)
			continue
		}
		c.answerNews(AnswerNews{Call: w.call, DetectorDown: true})
	}
	c.defence.waiting = kept
}
