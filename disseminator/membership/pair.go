package membership

import (
	"fmt"
	"time"
)

// pair is what this half knows of the other: leases come in each half period over the
// Attach stream, heartbeats go out each half period over the WatchMembers stream.
type pair struct {
	heard    bool   // at least once
	down     string // why the detector counts as down, or empty
	stopping bool   // it was asked to stop
	silentAt time.Duration
	nextBeat time.Duration
}

func (p *pair) deadline() time.Duration {
	if p.down != "" {
		return p.nextBeat
	}
	return min(p.nextBeat, p.silentAt)
}

// watchDetector sends the heartbeat that is due and notices silence.
func (c *Core) watchDetector() {
	if c.now.Mono >= c.pair.nextBeat {
		c.pair.nextBeat = c.now.Mono + c.interval()/2
		c.do(Heartbeat{Revision: c.revision})
	}
	if c.pair.down == "" && c.now.Mono >= c.pair.silentAt {
		c.detectorDown(fmt.Sprintf("silent for %s", c.interval()))
	}
}

func (c *Core) leaseReceived(in LeaseReceived) {
	if !c.pair.heard || c.pair.down != "" {
		c.do(Event{Kind: DetectorUp, Member: c.cfg.Self.ID})
	}
	c.pair.heard, c.pair.down, c.pair.stopping = true, "", in.Stopping
	c.pair.silentAt = c.now.Mono + c.interval()
	if !in.Stopping {
		c.refute()
	} else if c.farewell.asked {
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
	c.pair.down = why
	if c.farewell.asked { // it goes as this half does
		c.leaveAndHalt()
		return
	}
	c.do(Event{Kind: DetectorDown, Member: c.cfg.Self.ID, Detail: why})
}
