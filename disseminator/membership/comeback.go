package membership

import (
	"fmt"
	"time"

	"github.com/swimpair/swim/proto/swim"
)

// A node that was failed comes back at once, the first time. One that is in trouble of its
// own again and again has a bad network or a bad host: it would be failed and come back
// without end. So it waits until it has been well for a while, each time longer.
const (
	comebackWait = 30 * time.Second
	// comebackPatience bounds the waiting: trouble that never ends need not be fatal.
	comebackPatience = 5 * time.Minute
	// comebackMemory without trouble, and all is forgotten.
	comebackMemory = 2 * time.Minute
	// sameTrouble is how close together two signs of trouble are of one and the same.
	sameTrouble = 5 * time.Second
)

// comeback is what a node remembers of its own troubles: its messages were lost, or it stood
// still for longer than others forgive.
type comeback struct {
	count     int           // how often
	trouble   time.Duration // the last sign of it
	waitSince time.Duration // since when it could come back; 0: it is not waiting
}

// troubled notes a sign of trouble.
func (c *Core) troubled() {
	b := &c.comeback
	switch well := c.now.Mono - b.trouble; {
	case b.count == 0 || well >= comebackMemory:
		b.count = 1
	case well > sameTrouble:
		b.count++
	}
	b.trouble = c.now.Mono
}

// withdraw is what a node does that is cut off for the second time: it says itself that it
// has failed. Otherwise a refutation that could not get out would bring it back as soon as
// anything gets out again.
func (c *Core) withdraw() {
	if c.comeback.count < 2 || !c.isCutOff() || !c.admitted || c.self().State != swim.Alive || c.farewell.started {
		return
	}
	c.sayOfMyself(swim.Failed, swim.Unreachable)
	c.defence.accused, c.defence.failed = true, true
}

// maySpeak: this node may say, against whoever accuses it, that it is well.
func (c *Core) maySpeak() bool {
	return !c.health.unwell && (!c.defence.failed || c.mayComeBack())
}

// mayComeBack: a node that is held for failed may say that it is alive.
func (c *Core) mayComeBack() bool {
	b := &c.comeback
	well := c.now.Mono - b.trouble
	wait := min(comebackWait<<max(b.count-2, 0), comebackMemory)
	patient := b.waitSince != 0 && c.now.Mono-b.waitSince >= comebackPatience
	if b.count < 2 || well >= wait || patient {
		b.waitSince = 0
		return true
	}
	if b.waitSince == 0 {
		b.waitSince = c.now.Mono
		c.do(Event{Kind: ComebackDelayed, Member: c.cfg.Self.ID, Trace: c.defence.trace,
			Detail: fmt.Sprintf("failed again: comes back after %s without trouble", wait)})
	}
	return false
}
