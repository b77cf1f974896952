package membership

import (
	"fmt"
	"time"

	"github.com/swimpair/swim/proto/swim"
)

// pause is what this process knows of its own standing still. While it did, others seemed
// silent that were not; it does not blame them for its own absence.
type pause struct {
	wallAhead  time.Duration // of Mono, when the core was stepped last
	quietUntil time.Duration // until then this node accuses nobody
}

// noticePause looks for a gap: a deadline met late (stopped, or starved), or a wall clock
// that ran on while Mono stood still (a suspended machine). A wall clock that was set
// forward looks the same; since no timer follows it, it costs two quiet periods at most.
func (c *Core) noticePause(late time.Duration) {
	ahead := c.now.Wall.Sub(c.started.Wall) - (c.now.Mono - c.started.Mono)
	suspended := ahead - c.pause.wallAhead
	c.pause.wallAhead = ahead
	switch tolerance := c.interval() / 4; {
	case late > tolerance:
		c.extendTimers(late)
		c.keepQuiet(late)
	case suspended > tolerance:
		c.keepQuiet(suspended)
	}
}

// extendTimers gives the other half, and whoever waits for an answer, the time that this
// process missed.
func (c *Core) extendTimers(gap time.Duration) {
	// What the other half has said meanwhile comes right after this. The gap may have begun
	// up to half a period before the deadline that was missed.
	c.pair.silentAt = max(c.pair.silentAt+gap, c.now.Mono+c.interval()/2)
	c.defence.postpone(gap)
}

// keepQuiet drops pending verdicts, and makes none before the tables have been compared.
func (c *Core) keepQuiet(gap time.Duration) {
	for i := range c.accusations {
		c.accusations[i].void = true
	}
	for i := range c.suspicions {
		c.suspicions[i].decideAt = 0
	}
	c.knockAnew(func(crashCase) bool { return true })
	if !c.isQuiet() {
		c.do(Event{Kind: PauseNoticed, Member: c.cfg.Self.ID,
			Detail: fmt.Sprintf("this process stood still for %s: it accuses nobody until it has compared its table", gap.Round(time.Millisecond))})
	}
	c.pause.quietUntil = c.now.Mono + 2*c.interval()
	if gap > 2*c.cfg.PauseTolerance { // long enough to have been failed
		c.troubled()
	}
	c.mend("", swim.TraceID{}, 0)
}

// isQuiet: this node has just stood still and has not compared its table since.
func (c *Core) isQuiet() bool { return c.now.Mono < c.pause.quietUntil }
