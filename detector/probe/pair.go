package probe

import (
	"fmt"
	"time"
)

// pair is what this half knows of the other: heartbeats come in each half period over the
// WatchMembers stream, leases go out each half period over the Attach stream.
type pair struct {
	heard     bool          // at least once
	down      string        // why the disseminator counts as down, or empty
	silentAt  time.Duration // when it will, unless heard
	nextLease time.Duration
}

func (p *pair) deadline() time.Duration {
	if p.down != "" {
		return p.nextLease
	}
	return min(p.nextLease, p.silentAt)
}

// watchDisseminator sends the lease that is due and notices silence.
func (c *Core) watchDisseminator() {
	if c.now.Mono >= c.pair.nextLease {
		c.pair.nextLease = c.now.Mono + c.cfg.ProbeInterval/2
		c.lease()
	}
	if c.pair.down == "" && c.now.Mono >= c.pair.silentAt {
		c.disseminatorDown(fmt.Sprintf("silent for %s", c.cfg.ProbeInterval))
	}
}

func (c *Core) heartbeatReceived(in HeartbeatReceived) {
	c.disseminatorHeard()
	if in.LeaseRequested {
		c.lease()
	}
	if in.ProbeRequested != "" {
		c.probeRequested(in.ProbeRequested)
	}
}

// disseminatorHeard notes any sign of life of the other half.
func (c *Core) disseminatorHeard() {
	c.pair.silentAt = c.now.Mono + c.cfg.ProbeInterval
	if !c.pair.heard || c.pair.down != "" {
		c.pair.heard, c.pair.down = true, ""
		c.orphan = orphan{}
		c.do(Event{Kind: DisseminatorUp, Member: c.cfg.Self})
	}
}

func (c *Core) disseminatorDown(why string) {
	if c.pair.down != "" {
		return
	}
	if why == "" {
		why = "the stream broke"
	}
	if !c.pair.heard {
		why = "not heard yet: " + why
	}
	c.pair.down = why
	c.round.phase = over // there is nobody to tell
	if c.stopping {
		return
	}
	c.do(Event{Kind: DisseminatorDown, Member: c.cfg.Self, Detail: why})
	c.orphaned()
}
