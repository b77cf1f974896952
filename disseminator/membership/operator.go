package membership

import (
	"fmt"
	"maps"

	"github.com/swimpair/swim/proto/swim"
)

// forget removes a failed or left member from every table. The row stays as a tombstone,
// so that no Sync brings the member back; its own higher incarnation can.
func (c *Core) forget(in ForgetRequested) {
	row, known := c.table.get(in.ID)
	switch {
	case c.farewell.started:
		c.do(AnswerOperator{Call: in.Call, Refusal: leftRefusal})
		return
	case !known || row.State == swim.Forgotten:
		c.do(AnswerOperator{Call: in.Call, Refusal: Refusal{RefusedUnknown, fmt.Sprintf("no member has the id %s", in.ID)}})
		return
	case row.ID == c.cfg.Self.ID:
		c.do(AnswerOperator{Call: in.Call, Refusal: Refusal{RefusedLive, "this node cannot forget itself: ask another, once this one has left"}})
		return
	case row.State.Live():
		c.do(AnswerOperator{Call: in.Call, Refusal: Refusal{RefusedLive,
			fmt.Sprintf("member %s is %s: only a failed or left member can be forgotten", in.ID, row.State)}})
		return
	}
	trace := c.newTrace()
	row.State, row.Reason, row.Accuser = swim.Forgotten, swim.ForgottenByHand, c.cfg.Self.ID
	c.apply(row, trace)
	c.broadcast(row.ID, trace)
	c.do(AnswerOperator{Call: in.Call, Member: c.self()})
}

var leftRefusal = Refusal{RefusedLeaving, "this node has left the cluster: ask another"}

// setTags replaces this node's own tags. That renews its record, which it may do only
// while it may call itself alive.
func (c *Core) setTags(in TagsRequested) {
	switch {
	case c.farewell.started:
		c.do(AnswerOperator{Call: in.Call, Refusal: leftRefusal})
		return
	case c.pair.down != "" || c.defence.accused:
		c.do(AnswerOperator{Call: in.Call, Refusal: Refusal{RefusedDetectorDown,
			"this node's detector has to be heard before its record can be renewed: is it running? Then try again"}})
		return
	}
	self := c.self()
	self.Tags = maps.Clone(in.Tags)
	c.put(self)
	c.raise(0, swim.Updated, c.newTrace())
	c.do(AnswerOperator{Call: in.Call, Member: c.self()})
}
