package probe

import (
	"slices"
	"time"

	"github.com/swimpair/swim/proto/swim"
)

const (
	// rankedObservers of a suspect ping it when they hear of it, rankDelay after one
	// another, so that a suspicion brings witnesses and no stampede.
	rankedObservers = 4
	rankDelay       = 10 * time.Millisecond
	// requestedPatience bounds a ping that the disseminator has asked for: it decides then.
	requestedPatience = 300 * time.Millisecond
	// maxUrgentPings bounds what others can make this node send at once.
	maxUrgentPings = 128
)

// urgentPing is one direct ping out of turn: of a suspect, as one of its ranked observers,
// or of whomever the own disseminator wants to hear of.
type urgentPing struct {
	target   swim.Member
	sendAt   time.Duration
	patience time.Duration
	number   PingNumber // 0: not sent yet
	trace    swim.TraceID
}

// witness prepares the ping of a member that has just become suspect, if this node is one
// of those that look for themselves. The accuser has looked already.
func (c *Core) witness(m swim.Member) {
	own := m.Accuser == "" || m.Accuser == c.cfg.Self
	if m.State != swim.Suspect || m.Reason == swim.DetectorDown || own || m.ID == c.cfg.Self {
		return
	}
	rank := swim.RankAmong(c.view.live(m.Accuser), c.cfg.Self, m.ID)
	if rank < rankedObservers {
		c.pingUrgently(m, time.Duration(rank)*rankDelay, c.cfg.ProbeTimeout)
	}
}

// probeRequested pings a member because the own disseminator asks for it.
func (c *Core) probeRequested(id swim.NodeID) {
	if m, known := c.view.get(id); known && c.probed(m) {
		c.pingUrgently(m, 0, requestedPatience)
	}
}

// pingUrgently prepares one ping of the target, in place of one that is still to be sent.
func (c *Core) pingUrgently(target swim.Member, delay, patience time.Duration) {
	c.urgent = slices.DeleteFunc(c.urgent, func(u urgentPing) bool { return u.number == 0 && u.target.ID == target.ID })
	if c.stopping || len(c.urgent) >= maxUrgentPings {
		return
	}
	c.urgent = append(c.urgent, urgentPing{target: target, sendAt: c.now.Mono + delay, patience: patience, trace: c.newTrace()})
}

// sendUrgentPings sends those that are due, unless the target has answered meanwhile, or
// is gone.
func (c *Core) sendUrgentPings() {
	c.urgent = slices.DeleteFunc(c.urgent, func(u urgentPing) bool { return u.number == 0 && !c.stands(u.target) })
	for i := range c.urgent {
		if u := &c.urgent[i]; u.number == 0 && c.now.Mono >= u.sendAt {
			u.number = c.newPing()
			c.ping(u.number, u.target, share(pingShare, u.patience), 0, u.trace)
		}
	}
}

// stands reports whether what is said of a member is still about the row as it stands.
func (c *Core) stands(m swim.Member) bool {
	row, known := c.view.get(m.ID)
	return known && c.probed(row) && row.Incarnation == m.Incarnation && row.Instance == m.Instance
}

// urgentPingEnded reports whether the ping was an urgent one.
func (c *Core) urgentPingEnded(in PingEnded) bool {
	i := slices.IndexFunc(c.urgent, func(u urgentPing) bool { return u.number != 0 && u.number == in.Number })
	if i < 0 {
		return false
	}
	u := c.urgent[i]
	c.urgent = slices.Delete(c.urgent, i, i+1)
	if !c.stands(u.target) || c.pair.down != "" || c.stopping {
		return true // the question has lost its meaning, or there is nobody to tell
	}
	switch evidence := classify(in, u.target); evidence {
	case swim.Acked:
		c.do(ReportReached{Address: u.target.DetectorAddress, Responder: in.Responder, Trace: u.trace})
	case swim.WrongTarget:
		c.reportOtherInstance(u.target, in.Responder, u.trace)
	case swim.HalfDown:
		c.reportHalfDown(u.target, u.trace)
	case swim.None:
	default:
		c.reportUnreachable(u.target, []swim.Path{{Evidence: evidence}}, u.trace)
	}
	return true
}

func (c *Core) urgentDeadline() time.Duration {
	next := never
	for i := range c.urgent {
		if u := &c.urgent[i]; u.number == 0 {
			next = min(next, u.sendAt)
		}
	}
	return next
}
