package membership

import (
	"slices"
	"time"

	"github.com/swimpair/swim/proto/swim"
)

// farewell is how this node, or this half of it, goes.
//
// A node leaves when both its halves stop, so that one half can be replaced without the
// cluster hearing a goodbye: a disseminator that is asked to stop first listens, for
// pairPatience, whether its detector says the same or is gone.
type farewell struct {
	asked    bool          // this process was asked to stop
	decideAt time.Duration // when to stop without leaving
	started  bool          // goodbye is being told; the row is LEFT
	until    time.Duration // when telling ends, delivered or not
	halt     bool          // the process ends then
	done     bool
	gone     bool   // the process ends without a goodbye: it says nothing of the node any more
	calls    []Call // operators to answer then
}

func (f *farewell) deadline() time.Duration {
	switch {
	case f.done:
		return never
	case f.started:
		return f.until
	case f.asked:
		return f.decideAt
	}
	return never
}

func (c *Core) stopRequested() {
	c.farewell.asked = true
	c.farewell.decideAt = c.now.Mono + pairPatience
	if c.pair.stopping || c.pair.down != "" || !c.pair.heard || c.farewell.started {
		c.leaveAndHalt()
	}
}

func (c *Core) leaveAndHalt() {
	c.farewell.halt, c.farewell.done = true, false
	c.startFarewell()
}

// leave answers an operator; the process goes on.
func (c *Core) leave(call Call) {
	c.farewell.calls = append(c.farewell.calls, call)
	c.farewell.done = false
	c.startFarewell()
}

// startFarewell tells every live member: the leaver itself, at once (SWIM 4.2 has the
// message, the direct telling is ours).
func (c *Core) startFarewell() {
	if c.farewell.started {
		return
	}
	c.farewell.started = true
	c.farewell.halt = c.farewell.halt || c.farewell.asked
	c.farewell.until = c.now.Mono + farewellTime
	self, trace := c.self(), c.newTrace()
	self.State, self.Reason = swim.Left, swim.SaidGoodbye
	c.do(Event{Kind: LeaveStarted, Member: self.ID, Trace: trace})
	c.apply(self, trace)
	c.broadcast(self.ID, trace)
	c.answerAccusers(AnswerNews{Newer: []swim.Member{self}})
	c.defence, c.pair.graceEnds = defence{}, 0
	for _, k := range c.contacts {
		for _, j := range k.joiners {
			c.do(AnswerJoin{Call: j.call, Refusal: leavingRefusal})
		}
		k.joiners = nil
	}
}

// runFarewell ends what has been started once every peer has been told, or time is up.
func (c *Core) runFarewell() {
	f := &c.farewell
	if f.asked && !f.started && c.now.Mono >= f.decideAt {
		f.asked, f.done, f.gone = false, true, true
		c.do(Event{Kind: StoppedStaying, Member: c.cfg.Self.ID, Detail: "the detector goes on, so the node stays a member"})
		c.do(Halt{})
		return
	}
	told := len(c.relays) == 0 && !slices.ContainsFunc(c.peers, func(p peer) bool { return !p.idle() })
	if !f.started || f.done || (!told && c.now.Mono < f.until) {
		return
	}
	f.done, c.peers, c.relays = true, nil, nil
	for _, call := range f.calls {
		c.do(AnswerOperator{Call: call, Member: c.self()})
	}
	f.calls = nil
	if f.halt {
		c.do(Halt{})
	}
}
