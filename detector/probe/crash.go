package probe

import (
	"fmt"
	"slices"
	"time"

	"github.com/swimpair/swim/proto/swim"
)

// When a process dies its kernel closes its connections, and refuses new ones. Neither alone
// proves a death: connections are closed for many reasons, and middle boxes refuse in the name
// of healthy hosts. The closed connection is a hint, which makes this node look at once:
//
//	A =[a connection on which B has answered]= B
//	A <-[closed]- B                            a hint
//	A ->[knock]-> B  refused, or taken still   a dying process may have a queue
//	A ->[knock]-> B  refused, 25 ms later      a crash, as far as A can see: A's disseminator decides
//
// If a fresh connection is taken, or nobody says anything, the member has its turn to be pinged
// now instead of later.
const (
	// firstKnock comes a moment after the close: the port is open for a little longer.
	firstKnock = 3 * time.Millisecond
	// secondKnock comes so long after the first refusal.
	secondKnock = 25 * time.Millisecond
	// knockAgain is the time between knocks that are taken.
	knockAgain = 10 * time.Millisecond
	// maxKnocks of one check.
	maxKnocks = 5
	// knockTimeout bounds one knock.
	knockTimeout = 200 * time.Millisecond
	// maxChecks bounds what others can make this node do at once.
	maxChecks = 128
)

// check is one look at a member that has closed a connection.
type check struct {
	target    swim.Member
	began     time.Duration
	over      bool // kept for one period, so that a member which closes and closes again costs little
	number    PingNumber
	knocks    int
	knockAt   time.Duration
	refusedAt time.Duration // the first refusal since anything was heard; 0: none
	trace     swim.TraceID
}

// connectionClosed starts a check of whoever had answered on that connection.
func (c *Core) connectionClosed(in ConnectionClosed) {
	a, known := c.forgetAcquaintance(in.Connection)
	row, _ := c.view.get(a.id)
	if !known || !c.probed(row) || row.Instance != a.instance || c.stopping || c.pair.down != "" || !c.takesPart() {
		return
	}
	c.checks = slices.DeleteFunc(c.checks, func(k check) bool { return k.over && c.now.Mono-k.began >= c.cfg.ProbeInterval })
	again := slices.ContainsFunc(c.checks, func(k check) bool { return k.target.ID == row.ID && k.target.Instance == row.Instance })
	if again || len(c.checks) >= maxChecks {
		return
	}
	k := check{target: row, began: c.now.Mono, knockAt: c.now.Mono + firstKnock + c.turn(row.ID), trace: c.newTrace()}
	c.do(Event{Kind: ConnectionLost, Member: row.ID, Address: row.DetectorAddress, Trace: k.trace})
	if !in.ByPeer {
		k.over = true
		c.bringForward(row.ID)
	}
	c.checks = append(c.checks, k)
}

// turn is how long this node leaves it to others to look: two have to see the same, so the
// first two of a member's observers look at once.
func (c *Core) turn(id swim.NodeID) time.Duration {
	rank := c.view.ring.rank(c.cfg.Self, id)
	if rank < 2 {
		return 0
	}
	return time.Duration(min(rank, maxTurn)) * rankDelay
}

// maxTurn is where the order ends: later ranks act together.
const maxTurn = 16

// knock sends the knocks that are due, unless the question has lost its meaning.
func (c *Core) knock() {
	for i := range c.checks {
		k := &c.checks[i]
		if row, _ := c.view.get(k.target.ID); !c.probed(row) || row.Instance != k.target.Instance || c.stopping || c.pair.down != "" {
			k.over = true
		}
		if k.over || k.number != 0 || c.now.Mono < k.knockAt {
			continue
		}
		k.knocks++
		k.number = c.newPing()
		c.do(Knock{Number: k.number, Address: k.target.DetectorAddress, Timeout: knockTimeout})
	}
}

func (c *Core) knockEnded(in KnockEnded) {
	i := slices.IndexFunc(c.checks, func(k check) bool { return k.number != 0 && k.number == in.Number })
	if i < 0 {
		return
	}
	k := &c.checks[i]
	k.number = 0
	switch {
	case k.over:
	case in.Evidence == swim.Refused && k.refusedAt != 0:
		c.reportCrash(k)
	case in.Evidence == swim.Refused && k.knocks < maxKnocks:
		k.refusedAt, k.knockAt = c.now.Mono, c.now.Mono+secondKnock
	case in.Evidence == swim.None && k.knocks < maxKnocks:
		k.refusedAt, k.knockAt = 0, c.now.Mono+knockAgain
		c.bringForward(k.target.ID)
	default:
		k.over = true
		c.bringForward(k.target.ID)
	}
}

func (c *Core) reportCrash(k *check) {
	k.over = true
	row, _ := c.view.get(k.target.ID)
	c.do(Event{
		Kind: CrashSeen, Member: row.ID, Address: row.DetectorAddress, Trace: k.trace,
		Detail: fmt.Sprintf("its connection was closed, and fresh ones are refused, %s apart", secondKnock),
	})
	c.do(ReportUnreachable{
		Target: row, Paths: []swim.Path{{Evidence: swim.Refused}}, CrashSeen: true, Trace: k.trace,
	})
}

// heardOf ends the worth of refusals that came before a sign of life.
func (c *Core) heardOf(id swim.NodeID, instance swim.Instance) {
	c.knockAnew(func(k check) bool { return k.target.ID == id && k.target.Instance == instance })
}

// knockAnew forgets the refusals of some checks.
func (c *Core) knockAnew(which func(check) bool) {
	for i := range c.checks {
		if k := &c.checks[i]; !k.over && which(*k) {
			k.refusedAt, k.number, k.knockAt = 0, 0, c.now.Mono+secondKnock
		}
	}
}

func (c *Core) checkDeadline() time.Duration {
	next := never
	for i := range c.checks {
		if k := &c.checks[i]; !k.over && k.number == 0 {
			next = min(next, k.knockAt)
		}
	}
	return next
}

// bringForward has a member be the target of the next period, which begins as soon as the
// round that is open is over.
func (c *Core) bringForward(id swim.NodeID) {
	if len(c.hinted) < maxChecks && !slices.Contains(c.hinted, id) {
		c.hinted = append(c.hinted, id)
	}
}

// nextHinted is the next member that was brought forward, if it is still probed.
func (c *Core) nextHinted() (id swim.NodeID, ok bool) {
	for len(c.hinted) > 0 {
		id, c.hinted = c.hinted[0], c.hinted[1:]
		if row, _ := c.view.get(id); c.probed(row) {
			return id, true
		}
	}
	return "", false
}
