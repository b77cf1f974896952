package membership

import (
	"fmt"

	"github.com/swimpair/swim/proto/swim"
)

// source says how a record came, which decides how far it is believed.
type source uint8

const (
	// pushed by the node that found out, or said by the subject itself.
	pushed source = iota + 1
	// synced from somebody's table: hearsay, possibly old.
	synced
)

// learn takes in a record of any member. It returns the row that beats it, if one does.
func (c *Core) learn(m swim.Member, from source, trace swim.TraceID) (newer swim.Member, beaten bool) {
	if m.ID == c.cfg.Self.ID {
		return c.learnAboutMyself(m, trace)
	}
	row, known := c.table.get(m.ID)
	switch {
	case known && !swim.Supersedes(m, row):
		return row, swim.Supersedes(row, m)
	case !plausible(m.Summary(), row.Incarnation):
		c.refuseRecord(m, fmt.Sprintf("incarnation %d is too far beyond %d", m.Incarnation, row.Incarnation), trace)
	case !known && len(c.table.rows) >= maxMembers:
		c.refuseRecord(m, fmt.Sprintf("the table is full with %d members", maxMembers), trace)
	case from == synced && row.State.Live() && !m.State.Live():
		// A healed partition must not flip the healthy: ask the member itself.
		c.accuse(accusation{member: row, claim: m, hearsay: true, trace: trace})
	default:
		c.apply(m, trace)
	}
	return swim.Member{}, false
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
func (c *Core) learnAll(members []swim.Member, from source, trace swim.TraceID) (newer []swim.Member) {
	for _, m := range members {
		if row, beaten := c.learn(m, from, trace); beaten {
			newer = append(newer, row)
		}
	}
	return newer
}
