package probe

import (
	"time"

	"github.com/swimpair/swim/proto/swim"
)

// orphan is a detector without its disseminator. It cannot tell its own table, so it tells
// other nodes: each of its pings says that its disseminator is down, and it starts with
// the members that rank lowest as its observers.
type orphan struct {
	order []swim.NodeID // of the observers; empty: not orphaned
	next  int
	at    time.Duration // when to go on
}

// orphaned begins to tell the ranked observers.
func (c *Core) orphaned() {
	c.orphan = orphan{at: never}
	if c.stopping || !c.self().State.Live() {
		return // it goes on purpose, or nobody knows it yet
	}
	c.orphan.order = c.view.live(c.cfg.Self)
	swim.SortByRank(c.orphan.order, c.cfg.Self)
	c.orphan.at = c.now.Mono
}

// tellObservers pings the next few, round and round until the disseminator is back.
func (c *Core) tellObservers() {
	o := &c.orphan
	if len(o.order) == 0 || c.stopping || c.now.Mono < o.at {
		return
	}
	o.at = c.now.Mono + c.cfg.ProbeInterval
	for range min(rankedObservers, len(o.order)) {
		if m, known := c.view.get(o.order[o.next%len(o.order)]); known {
			c.ping(c.newPing(), m, c.cfg.ProbeTimeout, 0, c.newTrace())
		}
		o.next++
	}
}

func (c *Core) orphanDeadline() time.Duration {
	if len(c.orphan.order) == 0 || c.stopping {
		return never
	}
	return c.orphan.at
}

// heardOrphan: a member's detector says that its own disseminator is down.
func (c *Core) heardOrphan(in PingReceived) {
	row, known := c.view.get(in.Sender)
	same := in.SenderInstance == 0 || in.SenderInstance == row.Instance
	if in.DisseminatorDown && known && c.probed(row) && same {
		c.reportHalfDown(row, c.newTrace())
	}
}

// reportHalfDown tells the own disseminator, unless the table says it already.
func (c *Core) reportHalfDown(m swim.Member, trace swim.TraceID) {
	row, _ := c.view.get(m.ID)
	if c.pair.down != "" || c.stopping || (row.State == swim.Suspect && row.Reason == swim.DisseminatorDown) {
		return
	}
	c.do(Event{Kind: OrphanFound, Member: m.ID, Address: m.DetectorAddress, Detail: "its detector says that its disseminator is down", Trace: trace})
	c.do(ReportUnreachable{Target: m, Paths: []swim.Path{{Evidence: swim.HalfDown}}, Trace: trace})
}
