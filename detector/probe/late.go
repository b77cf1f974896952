package probe

import (
	"slices"
	"time"

	"github.com/swimpair/swim/proto/swim"
)

// latePing is the direct ping of a round that ended without an ack. A host that is short
// of CPU answers all the same, only too late for the round; it is not dead, and whoever
// decides about it has to know.
type latePing struct {
	number PingNumber
	target swim.Member
	until  time.Duration
	trace  swim.TraceID
}

// awaitLateAck remembers the ping of a round that has just been judged.
func (c *Core) awaitLateAck(r *round) {
	c.late = slices.DeleteFunc(c.late, func(l latePing) bool { return c.now.Mono > l.until })
	c.late = append(c.late, latePing{number: r.number, target: r.target, until: c.now.Mono + lateFor, trace: r.trace})
}

// latePingEnded reports whether the ping was one of a round that is over.
func (c *Core) latePingEnded(in PingEnded) bool {
	i := slices.IndexFunc(c.late, func(l latePing) bool { return l.number == in.Number })
	if i < 0 {
		return false
	}
	l := c.late[i]
	if classify(in, l.target) == swim.Acked && c.stands(l.target) && c.pair.down == "" && !c.stopping {
		c.do(Event{Kind: AckedLate, Member: l.target.ID, Address: l.target.DetectorAddress, Detail: "it is slow, not dead", Trace: l.trace})
		c.do(ReportReached{Address: l.target.DetectorAddress, Responder: in.Responder, Trace: l.trace})
	}
	return true
}
