package membership

import (
	"fmt"
	"time"

	"github.com/swimpair/swim/proto/swim"
)

// defence is this node's answer to accusations against itself. It may only say "alive"
// with a lease of its own detector that is younger than the accusation: a disseminator
// cannot speak for a detector that is dead or frozen.
type defence struct {
	accused bool             // a lease will be followed by a refutation
	outbid  swim.Incarnation // the highest incarnation that was used against this node
	waiting []waitingAccuser // calls to answer then
	trace   swim.TraceID
}

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
	if self.State == swim.Alive {
		c.accusedMyself(m, trace)
	}
	return swim.Member{}, false
}

// accusedMyself prepares a refutation; the next lease brings it.
func (c *Core) accusedMyself(m swim.Member, trace swim.TraceID) {
	c.defence.outbid = max(c.defence.outbid, c.withinOneJump(m.Incarnation))
	if c.defence.accused {
		return
	}
	c.defence.accused, c.defence.trace = true, trace
	c.do(Event{Kind: AccusedMyself, Member: m.ID, Detail: describe(m), Trace: trace})
	c.do(Heartbeat{Revision: c.revision, LeaseRequested: true})
}

// defend holds the answer to an accusation back until the lease has come. It reports
// false if there is nothing to wait for.
func (c *Core) defend(in NewsReceived) bool {
	if !c.defence.accused {
		return false
	}
	patience := 3 * c.interval() / 4 // the accuser waits for one interval
	c.defence.waiting = append(c.defence.waiting, waitingAccuser{call: in.Call, until: c.now.Mono + patience})
	return true
}

// refute outbids whatever was said. Called with each lease.
func (c *Core) refute() {
	if !c.defence.accused {
		return
	}
	c.raise(c.defence.outbid, swim.Refuted, c.defence.trace)
	self := c.self()
	c.do(Event{Kind: RefutedMyself, Member: self.ID, Trace: c.defence.trace,
		Detail: fmt.Sprintf("incarnation %d", self.Incarnation)})
	for _, w := range c.defence.waiting {
		c.do(AnswerNews{Call: w.call, Newer: []swim.Member{self}})
	}
	c.defence = defence{}
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
	self.Reason = reason
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
		c.do(AnswerNews{Call: w.call, DetectorDown: true})
	}
	c.defence.waiting = kept
}
