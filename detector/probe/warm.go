package probe

import (
	"slices"
	"time"

	"github.com/swimpair/swim/proto/swim"
)

// A process that dies takes its connections with it, and its kernel says so at once: nothing
// else in a network speaks as fast. So each node keeps a connection open to the members of
// which it is one of the first observers. There are four of them whatever the number of
// nodes, and four that keep one to it.
const (
	// warmDelay is how long a member is observed before it is pinged for the first time: while
	// many join, the places on the ring still change.
	warmDelay = 20 * time.Millisecond
	// A member that could not be met on a connection is tried again after warmBackoff, doubled
	// each time up to warmBackoffMax.
	warmBackoff    = time.Second
	warmBackoffMax = 30 * time.Second
	// maxAcquaintances bounds what others can have this node remember.
	maxAcquaintances = 1024
)

// warmMember is a member that this node keeps a connection to.
type warmMember struct {
	id      swim.NodeID
	address swim.Address
	kept    bool          // the connection stays open from its first ping on
	ping    PingNumber    // 0: none is out
	nextTry time.Duration // never: it was met, and the connection stands
	backoff time.Duration
	trace   swim.TraceID
}

// acquaintance is a member that has answered on a connection which still stands.
type acquaintance struct {
	id         swim.NodeID
	instance   swim.Instance
	connection ConnectionNumber
}

// keepWarm makes the list of warm members equal to those whose first observers this node is
// one of.
func (c *Core) keepWarm() {
	if !c.ringChanged || c.stopping {
		return
	}
	c.ringChanged = false
	observed := c.view.ring.before(c.cfg.Self, rankedObservers)
	c.warm = slices.DeleteFunc(c.warm, func(w warmMember) bool {
		row, _ := c.view.get(w.id)
		surplus := !slices.Contains(observed, w.id) || row.DetectorAddress != w.address
		if surplus {
			c.do(LetGo{Address: w.address})
		}
		return surplus
	})
	for _, id := range observed {
		if slices.ContainsFunc(c.warm, func(w warmMember) bool { return w.id == id }) {
			continue
		}
		row, _ := c.view.get(id)
		c.warm = append(c.warm, warmMember{
			id: id, address: row.DetectorAddress, nextTry: c.now.Mono + warmDelay, backoff: warmBackoff,
		})
	}
}

// meetWarmMembers pings those that have not answered on a connection that stands.
func (c *Core) meetWarmMembers() {
	for i := range c.warm {
		w := &c.warm[i]
		if w.ping != 0 || c.now.Mono < w.nextTry || c.stopping {
			continue
		}
		row, _ := c.view.get(w.id)
		if w.kept && c.isAcquainted(row) {
			w.nextTry, w.backoff = never, warmBackoff
			continue
		}
		w.kept, w.ping, w.trace = true, c.newPing(), c.newTrace()
		ping := c.pingOf(w.ping, row, c.cfg.ProbeTimeout, 0, w.trace)
		ping.Keep = true
		c.do(ping)
	}
}

// warmPingEnded reports whether the ping was one that meets a warm member. One that fails is
// no evidence: the member has its turn like any other.
func (c *Core) warmPingEnded(in PingEnded) bool {
	i := slices.IndexFunc(c.warm, func(w warmMember) bool { return w.ping != 0 && w.ping == in.Number })
	if i < 0 {
		return false
	}
	w := &c.warm[i]
	row, _ := c.view.get(w.id)
	if w.ping = 0; classify(in, row) == swim.WrongTarget {
		c.reportOtherInstance(row, in.Responder, w.trace)
	}
	w.nextTry = c.now.Mono + w.backoff // when it is looked at again, met or not
	w.backoff = min(2*w.backoff, warmBackoffMax)
	return true
}

func (c *Core) warmDeadline() time.Duration {
	next := never
	if c.stopping {
		return next
	}
	for i := range c.warm {
		if w := &c.warm[i]; w.ping == 0 {
			next = min(next, w.nextTry)
		}
	}
	return next
}

// noteAcquaintance remembers who has answered on which connection: one for each node, and be
// it a contact that becomes a member only with its answer.
func (c *Core) noteAcquaintance(in PingEnded) {
	a := acquaintance{id: in.Responder.ID, instance: in.Responder.Instance, connection: in.Connection}
	if a.id == "" || a.instance == 0 || a.connection == 0 {
		return
	}
	c.acquaintances = slices.DeleteFunc(c.acquaintances, func(old acquaintance) bool { return old.id == a.id })
	if len(c.acquaintances) == maxAcquaintances {
		c.acquaintances = slices.Delete(c.acquaintances, 0, 1) // the oldest
	}
	c.acquaintances = append(c.acquaintances, a)
}

// isAcquainted: the member, in that life, has answered on a connection that stands.
func (c *Core) isAcquainted(m swim.Member) bool {
	return slices.ContainsFunc(c.acquaintances, func(a acquaintance) bool { return a.id == m.ID && a.instance == m.Instance })
}

// forgetAcquaintance removes and returns the one of a connection.
func (c *Core) forgetAcquaintance(connection ConnectionNumber) (acquaintance, bool) {
	i := slices.IndexFunc(c.acquaintances, func(a acquaintance) bool { return a.connection == connection })
	if i < 0 {
		return acquaintance{}, false
	}
	a := c.acquaintances[i]
	c.acquaintances = slices.Delete(c.acquaintances, i, i+1)
	if w := slices.IndexFunc(c.warm, func(w warmMember) bool { return w.id == a.id }); w >= 0 {
		c.warm[w].nextTry = c.now.Mono + c.warm[w].backoff
	}
	return a, true
}
