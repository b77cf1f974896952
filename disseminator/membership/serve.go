package membership

import (
	"slices"
	"time"

	"github.com/swimpair/swim/proto/swim"
)

// errand is a range that this node serves for another, as its head. What it tells are its
// own rows, in pushes of its own: whoever is not reached stays in that peer's queue, as with
// all news.
type errand struct {
	answer AnswerNews
	left   []swim.NodeID // who has not acknowledged yet, ordered by id
	until  time.Duration // when that is not waited for any longer
}

const (
	// rangePatience is how long a head waits for the members of its range before it says that
	// they are told. By then it has sent all of it, and will do so again where it was lost.
	rangePatience = 60 * time.Millisecond
	// maxErrands and maxRange bound what others can have a head do: the errands at one time,
	// and the members in a range.
	maxErrands = 64
	maxRange   = 512
)

// serve tells the range, if one is asked for, and reports whether the answer has to wait for
// that. A range that is not served is told by who asked.
func (c *Core) serve(in NewsReceived, answer AnswerNews) bool {
	if in.Serve == nil || !c.mayServe(in) {
		return false
	}
	members := c.membersIn(*in.Serve, in.Sender)
	if len(members) > maxRange {
		return false
	}
	list := make([]news, len(in.Members))
	for i, m := range in.Members {
		list[i] = news{about: m.ID, trace: in.Trace}
	}
	e := errand{answer: answer, until: c.now.Mono + rangePatience}
	e.answer.Served = true
	for _, m := range members {
		c.tellEach(m.ID, list)
		if m.State == swim.Alive && c.peerOf(m.ID) != nil { // a suspect may never answer
			e.left = append(e.left, m.ID)
		}
	}
	c.errands = append(c.errands, e)
	return true
}

// mayServe: a member asks, and all that it says is held here, or something newer. Nobody
// tells in another's name what it does not believe itself, or would not be believed.
func (c *Core) mayServe(in NewsReceived) bool {
	sender, _ := c.table.get(in.Sender)
	if !sender.State.Live() || c.farewell.started || len(c.errands) >= maxErrands {
		return false
	}
	return !slices.ContainsFunc(in.Members, func(m swim.Member) bool {
		row, known := c.table.get(m.ID)
		return !known || swim.Supersedes(m, row) || m.ID == in.Sender && m.State != swim.Alive
	})
}

// membersIn are the live members in a range, without this node and the one named.
func (c *Core) membersIn(r swim.HashRange, but swim.NodeID) (members []*swim.Member) {
	for _, m := range c.table.rows {
		if m.State.Live() && m.ID != but && m.ID != c.cfg.Self.ID && r.Contains(swim.Position(m.ID)) {
			members = append(members, m)
		}
	}
	return members
}

// noteTold: a member has been told everything.
func (c *Core) noteTold(id swim.NodeID) {
	for i := range c.errands {
		e := &c.errands[i]
		if at, waits := slices.BinarySearch(e.left, id); waits {
			e.left = slices.Delete(e.left, at, at+1)
		}
	}
}

// runErrands answers for the ranges that have been told, or waited for long enough.
func (c *Core) runErrands() {
	c.errands = slices.DeleteFunc(c.errands, func(e errand) bool {
		if len(e.left) > 0 && c.now.Mono < e.until {
			return false
		}
		c.answerNews(e.answer)
		return true
	})
}

func (c *Core) errandDeadline() time.Duration {
	next := never
	for i := range c.errands {
		next = min(next, c.errands[i].until)
	}
	return next
}
