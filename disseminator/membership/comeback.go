package membership

import (
	"fmt"
	"time"
)

// A node that was failed comes back at once, the first time. One that has had trouble of its
// own again and again has a bad network or a bad host: it would be failed and come back
// without end. So it waits until it has been well for a while, each time longer; and for
// some time after it was cut off it does not speak against an accusation.
const (
	comebackWait = 30 * time.Second
	// comebackPatience bounds the waiting: trouble that never ends need not be fatal.
	comebackPatience = 5 * time.Minute
	// comebackMemory without trouble, and all is forgotten.
	comebackMemory = 2 * time.Minute
	// probation is how long a node that was cut off has to be well until it refutes again.
	probation = 30 * time.Second
)

// comeback is what a node remembers of its own troubles: its pings were lost, or it stood
// still for longer than others forgive.
type comeback struct {
	count     int           // how often
	trouble   time.Duration // the last time
	waitSince time.Duration // since when it could come back; 0: it is not waiting
}

// troubled notes trouble of this node: new, or still the same.
func (c *Core) troubled(isNew bool) {
	b := &c.comeback
	if c.now.Mono-b.trouble >= comebackMemory {
		b.count = 0
	}
	if isNew {
		b.count++
	}
	b.trouble = c.now.Mono
}

// maySpeak: this node may say, against whoever accuses it, that it is well.
func (c *Core) maySpeak() bool {
	switch h := &c.health; {
	case h.unwell:
		return false
	case c.defence.failed:
		return c.mayComeBack()
	default:
		return !h.wasCutOff || c.now.Mono-h.cutOff >= probation
	}
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
