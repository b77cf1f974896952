package membership

import (
	"fmt"

	"github.com/swimpair/swim/proto/swim"
)

// told says how a record came, which decides how far it is believed: by whom, and whether
// its teller says it as news, or it merely stands in its table.
type told struct {
	by        swim.NodeID
	synced    bool // hearsay, possibly old
	firstHand bool // it was dialled, and has answered: it may say of itself what it likes
}

// learn takes in a record of any member. It returns the row that beats it, if one does.
func (c *Core) learn(m swim.Member, how told, trace swim.TraceID) (newer swim.Member, beaten bool) {
	if m.ID == c.cfg.Self.ID {
		return c.learnAboutMyself(m, trace)
	}
	row, known := c.table.get(m.ID)
	switch {
	case known && !swim.Supersedes(m, row):
		return row, swim.Supersedes(row, m)
	case !(how.firstHand && how.by == m.ID) && !plausible(m.Summary(), row.Incarnation):
		c.refuseRecord(m, fmt.Sprintf("incarnation %d is too far beyond %d", m.Incarnation, row.Incarnation), trace)
	case !known && len(c.table.rows) >= maxMembers:
		c.refuseRecord(m, fmt.Sprintf("the table is full with %d members", maxMembers), trace)
	case !known && how.synced && isGone(m):
		// A member that nobody here has heard of needs no tombstone.
	case row.State.Live() && m.State > row.State:
		c.learnAccusation(m, row, how, trace)
	default:
		c.apply(m, trace)
		if m.State.Live() && !row.State.Live() {
			c.catchUp(m.ID)
		}
	}
	return swim.Member{}, false
}

// isGone: it went of its own will, or was removed; nobody tries to reach it.
func isGone(m swim.Member) bool { return m.State == swim.Left || m.State == swim.Forgotten }

// learnAccusation decides about a record that says worse of a live member than this table.
func (c *Core) learnAccusation(m, row swim.Member, how told, trace swim.TraceID) {
	switch {
	case how.by == m.ID: // it says so of itself
		c.apply(m, trace)
	case how.synced, isGone(m), c.isIgnored(m.Accuser), c.isOut(how.by):
		// A healed partition must not flip the healthy, nobody says goodbye for another,
		// and who has failed accuses nobody: ask the member itself.
		c.hearsay(m, row, trace)
	case m.State == swim.Failed && m.Reason != swim.Crashed && !c.hadItsTime(m):
		c.hasten(m, trace)
	default:
		c.apply(m, trace)
	}
}

// isOut: it was a member, and is none any more.
func (c *Core) isOut(id swim.NodeID) bool {
	row, known := c.table.get(id)
	return known && !row.State.Live()
}

// hearsay has the accused asked: by every node that hears it in a table, but only by the
// ranked observers if an accuser that is not believed tells everybody.
func (c *Core) hearsay(claim, row swim.Member, trace swim.TraceID) {
	if c.isIgnored(claim.Accuser) && swim.RankAmong(c.observers(claim.Accuser), c.cfg.Self.ID, row.ID) >= rankedObservers {
		return
	}
	c.accuse(accusation{occasion: onHearsay, member: row, claim: claim, trace: trace})
}

// hadItsTime: the accused was suspect here for as long as a healthy process may stand
// still, or as it is known to need, so that it could have refuted.
func (c *Core) hadItsTime(m swim.Member) bool {
	i, found := c.findSuspicion(m.ID)
	if !found {
		return false
	}
	s := &c.suspicions[i]
	return s.of.Instance == m.Instance && s.of.Incarnation == m.Incarnation && c.now.Mono-s.began >= c.forbearance(m.ID)
}

// hasten takes a death that comes too early for a suspicion that ends soon: no one is
// failed here without having had its time here.
func (c *Core) hasten(m swim.Member, trace swim.TraceID) {
	claim := m
	claim.State = swim.Suspect
	if row, _ := c.table.get(m.ID); swim.Supersedes(claim, row) {
		c.apply(claim, trace)
	}
	if i, found := c.findSuspicion(m.ID); found {
		s := &c.suspicions[i]
		s.base = min(s.base, c.forbearance(m.ID))
		c.setTimer(s)
	}
}

// plausible bounds how far one message may raise what is known of a member. A claim against
// it stays one below that, so that its answer is believed by those who did not hear the
// claim.
func plausible(s swim.Summary, known swim.Incarnation) bool {
	limit := max(known, swim.FirstIncarnationMin) + swim.MaxIncarnationJump
	if s.State != swim.Alive {
		limit--
	}
	return s.Incarnation <= limit
}

func (c *Core) refuseRecord(m swim.Member, why string, trace swim.TraceID) {
	c.do(Event{Kind: RecordRefused, Member: m.ID, Detail: why, Trace: trace})
}

// learnAll takes in several records and returns the rows that beat some of them.
func (c *Core) learnAll(members []swim.Member, how told, trace swim.TraceID) (newer []swim.Member) {
	for _, m := range members {
		if row, beaten := c.learn(m, how, trace); beaten {
			newer = append(newer, row)
		}
	}
	return newer
}
