package probe

import (
	"slices"
	"time"

	"github.com/swimpair/swim/proto/swim"
)

// This file is about suspects that are not dead. A host that is short of CPU answers too
// late for the round, and a deaf one cannot answer at all; both go on calling. Whoever
// decides about them has to know.

// latePing is the direct ping of a round that ended without an ack. The period need not be
// over yet.
type latePing struct {
	number PingNumber
	target swim.Member
	until  time.Duration
	trace  swim.TraceID
}

// awaitLateAck remembers the ping of a round that has just been judged, until its edge gives
// it up: lateFor after the end of its period.
func (c *Core) awaitLateAck(r *round) {
	c.late = slices.DeleteFunc(c.late, func(l latePing) bool { return c.now.Mono > l.until })
	c.late = append(c.late, latePing{number: r.number, target: r.target, until: c.nextPeriod + lateFor, trace: r.trace})
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

// suspectAnswers tells of an ack of a member that others take for dead.
func (c *Core) suspectAnswers(target, responder swim.Member, trace swim.TraceID) {
	if row, _ := c.view.get(target.ID); row.State == swim.Suspect && c.stands(target) {
		c.do(ReportReached{Address: target.DetectorAddress, Responder: responder, Trace: trace})
	}
}

// heardSuspect: a member's detector calls, in the life in which it is suspect.
func (c *Core) heardSuspect(in PingReceived) {
	if row, known := c.view.get(in.Sender); known && in.SenderInstance == row.Instance && !in.DisseminatorDown {
		c.reportHeard(row.ID, c.newTrace())
	}
}

// reportHeard tells of a sign of life that is no ack of this node's own ping, once per
// suspicion.
func (c *Core) reportHeard(id swim.NodeID, trace swim.TraceID) {
	row, _ := c.view.get(id)
	if row.State != swim.Suspect || c.isHalf(id) || c.pair.down != "" || c.stopping || slices.Contains(c.heard, row.Summary()) {
		return
	}
	c.heard = slices.DeleteFunc(c.heard, func(s swim.Summary) bool {
		now, _ := c.view.get(s.ID)
		return now.Summary() != s
	})
	c.heard = append(c.heard, row.Summary())
	c.do(ReportHeard{Suspect: row, Trace: trace})
}
