package membership

import (
	"cmp"
	"math"
	"slices"
	"time"

	"github.com/swimpair/swim/proto/swim"
)

// suspicion is the time that a suspect has to refute before it is failed.
//
// Its leader is the accuser, and of several the one with the lowest id. To the leader alone
// come the confirmations of the witnesses, and each shortens its timer (Lifeguard, section
// IV-B). Everybody else only waits a little longer than the leader would at most, in case
// that it dies.
type suspicion struct {
	of        swim.Summary // the claim: a later incarnation is another suspicion
	leader    swim.NodeID
	half      bool          // one half is down: confirmations change nothing
	base      time.Duration // what the timer is without confirmations
	began     time.Duration
	witnesses []swim.NodeID // whose confirmations the leader holds
	confirmed bool          // this node has found the same, and told the leader
	tellAt    time.Duration // when this node, as a witness, tells the accused; 0: not
	deadline  time.Duration // when the accused is asked for the last time
	decideAt  time.Duration // when its time to answer that is over; 0: not asked yet
	heard     bool          // the accused has given a sign of life since: it is not dead
	heldUntil time.Duration // because this node may be the one that is cut off; 0: it is not
	trace     swim.TraceID
}

const (
	// expectedWitnesses is K of Lifeguard: so many confirmations bring the timer to its
	// minimum. A small cluster has fewer who could confirm.
	expectedWitnesses = 3
	// rankedObservers probe a suspect when they hear of it, rankDelay after one another.
	rankedObservers = 4
	rankDelay       = 10 * time.Millisecond
	// tellDelay is how long a witness waits before it tells the accused of a suspicion:
	// the leader's own push, and the answer to it, come first.
	tellDelay = 50 * time.Millisecond
	// fallbackDelay lies between the timers of those who wait in case the leader dies.
	fallbackDelay = 50 * time.Millisecond
	// lastWord is how long the accused has for its last answer.
	lastWord = 300 * time.Millisecond
)

// isHalf: one half of the node is said to be down. No other suspicion runs meanwhile.
func isHalf(row swim.Member) bool {
	return row.State == swim.Suspect && (row.Reason == swim.DetectorDown || row.Reason == swim.DisseminatorDown)
}

// suspect makes this node an accuser, and tells everybody, the accused included.
func (c *Core) suspect(row swim.Member, why swim.Reason, trace swim.TraceID) {
	claim := row
	claim.State, claim.Reason, claim.Accuser = swim.Suspect, why, c.cfg.Self.ID
	if swim.Supersedes(claim, row) {
		c.apply(claim, trace)
		c.broadcast(claim.ID, trace)
	}
}

func (c *Core) findSuspicion(id swim.NodeID) (int, bool) {
	return slices.BinarySearchFunc(c.suspicions, id, func(s suspicion, id swim.NodeID) int { return cmp.Compare(s.of.ID, id) })
}

// followSuspicion keeps the suspicions in step with the table: called with each new row.
func (c *Core) followSuspicion(row swim.Member, trace swim.TraceID) {
	i, found := c.findSuspicion(row.ID)
	switch {
	case row.ID == c.cfg.Self.ID:
	case row.State != swim.Suspect && found:
		c.suspicions = slices.Delete(c.suspicions, i, i+1)
	case row.State != swim.Suspect:
	case found && c.suspicions[i].of == row.Summary():
		c.changeLeader(&c.suspicions[i], row)
	case found:
		c.suspicions[i] = c.newSuspicion(row, trace)
	default:
		c.suspicions = slices.Insert(c.suspicions, i, c.newSuspicion(row, trace))
	}
}

func (c *Core) newSuspicion(row swim.Member, trace swim.TraceID) suspicion {
	s := suspicion{of: row.Summary(), leader: row.Accuser, base: c.cfg.SuspicionMax, began: c.now.Mono, trace: trace}
	if s.half = isHalf(row); s.half {
		s.base = c.cfg.PairGrace
	} else {
		s.base = max(s.base, c.forbearance(row.ID))
		c.noteAccused(row.ID)
	}
	if s.leader != c.cfg.Self.ID {
		if rank := c.rankFor(&s); rank < rankedObservers {
			s.tellAt = c.now.Mono + tellDelay + time.Duration(rank)*rankDelay
		}
	}
	c.setTimer(&s)
	return s
}

// rankFor is this node's place among those who could see for themselves. The leader has
// seen already.
func (c *Core) rankFor(s *suspicion) int {
	return swim.RankAmong(c.observers(s.leader), c.cfg.Self.ID, s.of.ID)
}

// observers are the live members that could see for themselves, without the one named.
func (c *Core) observers(but swim.NodeID) []swim.NodeID {
	ids := make([]swim.NodeID, 0, len(c.table.rows))
	for i := range c.table.rows {
		if m := c.table.rows[i]; m.State.Live() && m.ID != but {
			ids = append(ids, m.ID)
		}
	}
	return ids
}

// changeLeader follows a claim of the same incarnation by a lower accuser.
func (c *Core) changeLeader(s *suspicion, row swim.Member) {
	before := s.leader
	s.leader, s.witnesses = row.Accuser, nil
	if s.half = isHalf(row); s.half {
		s.base = c.cfg.PairGrace
	}
	c.setTimer(s)
	switch { // what this node has found counts with the new leader
	case s.half:
	case s.heard:
		c.tellLeader(s.leader, news{about: row.ID, kind: heard, trace: s.trace})
	case before == c.cfg.Self.ID:
		c.confirm(row, s.trace)
	}
}

// setTimer computes when the suspicion is over, from what is known now.
func (c *Core) setTimer(s *suspicion) {
	timeout := c.timeout(s)
	if s.leader != c.cfg.Self.ID {
		timeout = s.base + time.Duration(c.rankFor(s))*fallbackDelay
	}
	s.deadline = max(s.began+timeout, s.heldUntil)
}

// timeout is Lifeguard's curve: the longest without confirmations, the shortest with as
// many as can be expected.
func (c *Core) timeout(s *suspicion) time.Duration {
	shortest := min(c.forbearance(s.of.ID), s.base)
	expected := min(expectedWitnesses, c.table.live(s.of.ID)-1)
	if s.half || s.heard || expected <= 0 {
		return s.base
	}
	share := math.Log(float64(len(s.witnesses)+1)) / math.Log(float64(expected+1))
	return max(shortest, s.base-time.Duration(share*float64(s.base-shortest)))
}

// runSuspicions tells the accused, asks them for the last time, and decides.
func (c *Core) runSuspicions() {
	for i := 0; i < len(c.suspicions); i++ {
		s := &c.suspicions[i]
		row, _ := c.table.get(s.of.ID)
		if s.tellAt != 0 && c.now.Mono >= s.tellAt {
			s.tellAt = 0
			c.accuse(accusation{occasion: onSuspicion, member: row, trace: s.trace})
		}
		switch {
		case c.farewell.started || c.isQuiet():
		case s.decideAt == 0 && c.now.Mono >= s.deadline:
			c.askForTheLastTime(s, row)
		case s.decideAt != 0 && c.now.Mono >= s.decideAt:
			c.fail(row, s.trace) // the suspicion ends with it
			i--
		}
	}
}

// askForTheLastTime turns to both halves of the suspect.
func (c *Core) askForTheLastTime(s *suspicion, row swim.Member) {
	doubt := (c.isUnheard() || c.health.unwell) && c.now.Mono-s.began < doubtMax
	if doubt || c.sharedFate() && s.heldUntil == 0 {
		c.holdBack(s, row)
		return
	}
	s.decideAt = c.now.Mono + lastWord
	c.accuse(accusation{occasion: onExpiry, member: row, trace: s.trace})
	if !isHalf(row) {
		c.beat(Heartbeat{ProbeRequested: row.ID})
	}
}

// holdBack waits for the maximum once more: it may be this node that is cut off.
func (c *Core) holdBack(s *suspicion, row swim.Member) {
	if s.heldUntil == 0 {
		c.do(Event{Kind: PartitionSuspected, Member: row.ID, Trace: s.trace,
			Detail: "most members are suspect together, or silent: this node may be the one that is cut off"})
	}
	s.heldUntil = c.now.Mono + c.cfg.SuspicionMax
	c.setTimer(s)
}

// fail makes the verdict final: nobody spoke for the accused.
func (c *Core) fail(row swim.Member, trace swim.TraceID) {
	row.State = swim.Failed
	c.apply(row, trace)
	c.broadcast(row.ID, trace)
}

// watchSharedFate tells the watchers when most members go silent together, and when that
// is over.
func (c *Core) watchSharedFate() {
	if cutOff := len(c.suspicions) >= expectedWitnesses && c.sharedFate(); cutOff != c.cutOff {
		c.cutOff = cutOff
		c.beat(Heartbeat{})
	}
}

// bothHalvesSilent: one half was said to be down, and now the other does not answer either.
// Nobody is left to come back, so the node waits no longer than any other that is silent.
func (c *Core) bothHalvesSilent(id swim.NodeID) {
	if i, found := c.findSuspicion(id); found && !c.isUnwell() {
		s := &c.suspicions[i]
		s.base = min(s.base, c.now.Mono-s.began+c.cfg.PauseTolerance)
		c.setTimer(s)
	}
}

// sharedFate: most of the others, and not just one or two, are suspect together. Then it
// is as likely that this node is cut off.
func (c *Core) sharedFate() bool {
	suspects, others := 0, 0
	for i := range c.table.rows {
		switch m := c.table.rows[i]; {
		case m.ID == c.cfg.Self.ID || !m.State.Live():
			continue
		case m.State == swim.Suspect && !isHalf(*m):
			suspects++
		}
		others++
	}
	return suspects >= expectedWitnesses && 2*suspects > others
}

func (c *Core) suspicionDeadline() time.Duration {
	next := never
	if c.farewell.started {
		return next
	}
	for i := range c.suspicions {
		s := &c.suspicions[i]
		if s.tellAt != 0 {
			next = min(next, s.tellAt)
		}
		if s.decideAt != 0 {
			next = min(next, max(s.decideAt, c.pause.quietUntil))
		} else {
			next = min(next, max(s.deadline, c.pause.quietUntil))
		}
	}
	return next
}
