package membership

import (
	"fmt"
	"time"

	"github.com/swimpair/swim/proto/swim"
)

// pair is what this half knows of the other: leases come in each half period over the
// Attach stream, heartbeats go out each half period over the WatchMembers stream.
//
// Half a node is no node. Without its detector this disseminator makes its own row
// SUSPECT, tells everybody, and has PairGrace to hear it again; the row then says FAILED,
// or LEFT if the detector had been asked to stop.
type pair struct {
	heard     bool   // at least once
	down      string // why the detector counts as down, or empty
	stopping  bool   // it was asked to stop
	silentAt  time.Duration
	graceEnds time.Duration // of a node that has told the others; 0: it has not, or is through
	nextBeat  time.Duration
}

func (p *pair) deadline() time.Duration {
	next := p.nextBeat
	if p.down == "" {
		next = min(next, p.silentAt)
	}
	if p.graceEnds != 0 {
		next = min(next, p.graceEnds)
	}
	return next
}

// beat sends a heartbeat, with what is asked of the own detector.
func (c *Core) beat(h Heartbeat) {
	h.Revision, h.Digest, h.PartitionSuspected = c.revision, c.digest(), c.cutOff
	c.do(h)
}

// watchDetector sends the heartbeat that is due and notices silence.
func (c *Core) watchDetector() {
	if c.now.Mono >= c.pair.nextBeat {
		c.pair.nextBeat = c.now.Mono + c.interval()/2
		c.beat(Heartbeat{})
	}
	if c.pair.down == "" && c.now.Mono >= c.pair.silentAt {
		c.detectorDown(fmt.Sprintf("silent for %s", c.interval()))
	}
	if c.pair.graceEnds != 0 && c.now.Mono >= c.pair.graceEnds {
		c.endGrace()
	}
}

func (c *Core) leaseReceived(in LeaseReceived) {
	if c.farewell.gone {
		return
	}
	if !c.pair.heard || c.pair.down != "" {
		c.do(Event{Kind: DetectorUp, Member: c.cfg.Self.ID})
	}
	c.pair.heard, c.pair.down, c.pair.stopping = true, "", in.Stopping
	c.pair.silentAt = c.now.Mono + c.interval()
	c.noteHealth(in.Unwell)
	switch {
	case !in.Stopping:
		c.pair.graceEnds = 0
		c.refute()
	case c.farewell.asked:
		c.leaveAndHalt()
	}
}

func (c *Core) detectorDown(why string) {
	if c.pair.down != "" {
		return
	}
	if !c.pair.heard {
		why = "not heard yet: " + why
	}
	if c.pair.down = why; c.farewell.gone {
		return
	}
	if c.farewell.asked { // it goes as this half does
		c.leaveAndHalt()
		return
	}
	c.do(Event{Kind: DetectorDown, Member: c.cfg.Self.ID, Detail: why})
	c.answerAccusers(AnswerNews{DetectorDown: true})
	if c.admitted && c.self().State == swim.Alive {
		c.pair.graceEnds = c.now.Mono + c.cfg.PairGrace
		c.sayOfMyself(swim.Suspect, swim.DetectorDown)
	}
}

// endGrace gives up on the other half.
func (c *Core) endGrace() {
	c.pair.graceEnds = 0
	if c.pair.stopping {
		c.sayOfMyself(swim.Left, swim.SaidGoodbye)
	} else {
		c.sayOfMyself(swim.Failed, swim.DetectorDown)
	}
}

// sayOfMyself tells everybody of a state in which this node cannot refute. The incarnation
// rises, so that it stands above whatever others say at the same time.
func (c *Core) sayOfMyself(state swim.State, why swim.Reason) {
	self, trace := c.self(), c.newTrace()
	self.Incarnation = max(self.Incarnation, c.defence.outbid) + 1
	self.State, self.Reason, self.Accuser = state, why, self.ID
	if state == swim.Left {
		self.Accuser = ""
	}
	c.apply(self, trace)
	c.broadcast(self.ID, trace)
}
