package probe

import (
	"slices"
	"time"

	"github.com/swimpair/swim/proto/swim"
)

// proxiedPing is a ping that this node sends on behalf of another.
type proxiedPing struct {
	number PingNumber
	call   Call
	target swim.Member
	nackAt time.Duration
}

// pingAsProxy pings a member for somebody else. Only members that this node knows itself
// are dialled: an address from a stranger would make it a port scanner.
func (c *Core) pingAsProxy(in IndirectPingReceived) {
	target, known := c.lookUp(in.TargetID, in.TargetAddress)
	if in.TargetInstance != 0 {
		target.Instance = in.TargetInstance
	}
	switch {
	case known && target.ID == c.cfg.Self && target.Instance != c.self().Instance:
		c.do(AnswerIndirectPing{Call: in.Call, Evidence: swim.WrongTarget, Instance: c.self().Instance})
		return
	case known && target.ID == c.cfg.Self:
		c.do(AnswerIndirectPing{Call: in.Call, Evidence: swim.Acked, Instance: c.self().Instance})
		return
	case !known, in.Budget <= 0, len(c.proxied) >= maxProxiedPings:
		c.do(AnswerIndirectPing{Call: in.Call, Evidence: swim.None})
		return
	}
	patience := share(nackShare, in.Budget)
	p := proxiedPing{number: c.newPing(), call: in.Call, target: target, nackAt: c.now.Mono + patience}
	c.proxied = append(c.proxied, p)
	c.ping(p.number, target, share(pingShare, patience), 0, in.Trace)
}

func (c *Core) lookUp(id swim.NodeID, address swim.Address) (swim.Member, bool) {
	if id != "" {
		return c.view.get(id)
	}
	return c.view.at(address)
}

// proxiedPingEnded reports whether the ping was one for somebody else.
func (c *Core) proxiedPingEnded(in PingEnded) bool {
	i := slices.IndexFunc(c.proxied, func(p proxiedPing) bool { return p.number == in.Number })
	if i < 0 {
		return false
	}
	p := c.proxied[i]
	c.proxied = slices.Delete(c.proxied, i, i+1)
	c.do(AnswerIndirectPing{Call: p.call, Evidence: classify(in, p.target), Instance: in.Responder.Instance})
	return true
}

// answerOverdueProxied sends the nacks that are due.
func (c *Core) answerOverdueProxied() {
	c.proxied = slices.DeleteFunc(c.proxied, func(p proxiedPing) bool {
		overdue := c.now.Mono >= p.nackAt
		if overdue {
			c.do(AnswerIndirectPing{Call: p.call, Evidence: swim.Silent})
		}
		return overdue
	})
}

func (c *Core) proxiedDeadline() time.Duration {
	next := never
	for _, p := range c.proxied {
		next = min(next, p.nackAt)
	}
	return next
}

// answerPing says whether this node is the one that the caller means.
func (c *Core) answerPing(in PingReceived) {
	self := c.self()
	c.do(AnswerPing{
		Call: in.Call, IsAlive: c.meant(in, self), Responder: self,
		DisseminatorDown: c.pair.down != "", Digest: c.ownDigest(),
	})
	c.heardOrphan(in)
	c.heardSuspect(in)
	c.heardOf(in.Sender, in.SenderInstance)
	c.compareDigest(in.Sender, in.Digest, swim.TraceID{})
}

func (c *Core) meant(in PingReceived, self swim.Member) bool {
	if in.TargetID != "" && in.TargetID != c.cfg.Self {
		return false
	}
	if in.TargetInstance != 0 && self.Instance != 0 && in.TargetInstance != self.Instance {
		return false
	}
	if in.TargetAddress == "" {
		return true
	}
	// A node has as many addresses as it has names; only one that is known to be somebody
	// else's is wrong.
	other, known := c.view.at(in.TargetAddress)
	return !known || other.ID == c.cfg.Self || !other.State.Live()
}
