package membership

import (
	"fmt"
	"slices"

	"github.com/swimpair/swim/proto/swim"
)

// What others find out about a suspect at first hand comes to the leader of its suspicion.
// Who does not reach it confirms, and the timer gets shorter. Who hears from it says so, and
// the timer is the longest again: it is slow, or deaf, and has to have the time to refute.

// confirm tells the leader, once, that this node's detector has found the same.
func (c *Core) confirm(row swim.Member, trace swim.TraceID) {
	i, found := c.findSuspicion(row.ID)
	if !found || c.suspicions[i].confirmed || c.suspicions[i].heard || row.Accuser == c.cfg.Self.ID {
		return
	}
	c.suspicions[i].confirmed = true
	c.tellLeader(row.Accuser, news{about: row.ID, kind: unheard, trace: trace})
}

// tellLeader says what was found. A node that has left tells no news of others.
func (c *Core) tellLeader(id swim.NodeID, n news) {
	leader, _ := c.table.get(id)
	if leader.State.Live() && id != c.cfg.Self.ID && id != n.about && !c.farewell.started {
		c.tell(id, n)
	}
}

// witnessed takes in what a witness has found, if this node leads the suspicion: once per
// origin and incarnation.
func (c *Core) witnessed(by swim.NodeID, found swim.Confirmation, trace swim.TraceID) {
	if found.CrashSeen {
		c.crashWitnessed(by, found, trace)
	}
	i, exists := c.findSuspicion(found.ID)
	if !exists {
		return
	}
	s := &c.suspicions[i]
	witness, known := c.table.get(by)
	switch {
	case s.leader != c.cfg.Self.ID || s.of.Incarnation != found.Incarnation || s.of.Instance != found.Instance:
	case !known || !witness.State.Live() || by == c.cfg.Self.ID || by == found.ID:
	case found.Heard:
		c.suspectHeard(found, fmt.Sprintf("by %s", by), trace)
	case !slices.Contains(s.witnesses, by):
		s.witnesses = append(s.witnesses, by)
		c.setTimer(s)
		c.do(Event{Kind: SuspicionConfirmed, Member: found.ID, Trace: trace,
			Detail: fmt.Sprintf("by %s, the witness number %d", by, len(s.witnesses))})
	}
}

// suspectHeard gives a suspect that is not dead the longest timer, counted from when it
// became suspect: once, since a deaf node calls for ever.
func (c *Core) suspectHeard(found swim.Confirmation, how string, trace swim.TraceID) {
	c.signOfLife(found.ID)
	i, exists := c.findSuspicion(found.ID)
	if !exists {
		return
	}
	s := &c.suspicions[i]
	if s.heard || s.half || s.of.Incarnation != found.Incarnation || s.of.Instance != found.Instance {
		return
	}
	s.heard = true
	if c.setTimer(s); s.deadline > c.now.Mono {
		s.decideAt = 0
	}
	c.do(Event{Kind: SuspicionHeard, Member: found.ID, Trace: trace, Detail: how + ": it is slow, or deaf, not dead"})
	c.tellLeader(s.leader, news{about: found.ID, kind: heard, trace: trace})
}

// suspectAnswered takes in an answer to the own detector, or to this node's last question.
// Whoever can answer then, and yet has not refuted, has its time anew.
func (c *Core) suspectAnswered(id swim.NodeID, trace swim.TraceID) {
	i, found := c.findSuspicion(id)
	if !found {
		return
	}
	s := &c.suspicions[i]
	if s.decideAt == 0 {
		c.suspectHeard(swim.Confirmation{ID: id, Incarnation: s.of.Incarnation, Instance: s.of.Instance}, "it has answered", trace)
		return
	}
	s.began, s.decideAt, s.witnesses, s.confirmed, s.heard = c.now.Mono, 0, nil, false, true
	c.setTimer(s)
	c.do(Event{Kind: SuspicionAnswered, Member: id, Trace: trace, Detail: "it has not refuted; its time starts anew"})
}
