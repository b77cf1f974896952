package membership

import (
	"fmt"
	"time"
)

// A node that was failed comes back at once, the first time. One that is failed again soon
// has a bad network or a bad host: it would be failed and come back without end, and all
// others with it. So it waits until it has had no trouble for a while, each time longer.
// Whoever merely suspects it has its answer at once all the same.
const (
	comebackWait    = 30 * time.Second
	comebackWaitMax = 5 * time.Minute
	// comebackMemory without trouble, and the next failure counts as the first.
	comebackMemory = 2 * time.Minute
)

// comeback is what a node remembers of its own failures.
type comeback struct {
	count     int           // how often it has come back
	trouble   time.Duration // when its own detector missed an ack last
	waitSince time.Duration // since when it could come back; 0: it is not waiting
}

// troubled notes that this node is not well connected just now.
func (c *Core) troubled() {
	if c.now.Mono-c.comeback.trouble >= comebackMemory {
		c.comeback.count = 0
	}
	c.comeback.trouble = c.now.Mono
}

// mayComeBack: a node that is held for failed may say that it is alive.
func (c *Core) mayComeBack() bool {
	b := &c.comeback
	wait := comebackWait << max(b.count-1, 0)
	quiet := b.count == 0 || c.now.Mono-b.trouble >= wait
	if quiet || (b.waitSince != 0 && c.now.Mono-b.waitSince >= comebackWaitMax) {
		b.count, b.waitSince = min(b.count+1, 5), 0
		return true
	}
	if b.waitSince == 0 {
		b.waitSince = c.now.Mono
		c.do(Event{Kind: ComebackDelayed, Member: c.cfg.Self.ID, Trace: c.defence.trace,
			Detail: fmt.Sprintf("failed again: comes back after %s without trouble", min(wait, comebackWaitMax))})
	}
	return false
}
