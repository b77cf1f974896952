package membership

import (
	"cmp"
	"slices"
	"time"

	"github.com/swimpair/swim/proto/swim"
)

// peer is the queue of news for one live member. It holds ids, not records: what is sent
// is the row as it stands then, so a queue is never longer than the table, and the newest
// record of a member always wins.
type peer struct {
	id      swim.NodeID
	pending []news
	sending []news     // in the call that is out
	call    CallNumber // 0: none is out
	retryAt time.Duration
	backoff time.Duration
}

// news is a member whose row a peer has to be told.
type news struct {
	about swim.NodeID
	trace swim.TraceID
}

func (p *peer) add(n news) {
	if !slices.ContainsFunc(p.pending, func(old news) bool { return old.about == n.about }) {
		p.pending = append(p.pending, n)
	}
}

func (p *peer) idle() bool { return p.call == 0 && len(p.pending) == 0 }

func (c *Core) findPeer(id swim.NodeID) (int, bool) {
	return slices.BinarySearchFunc(c.peers, id, func(p peer, id swim.NodeID) int { return cmp.Compare(p.id, id) })
}

// broadcast tells every live member of one row: at once, and neither this node nor the
// subject of the row. A node that has left tells no news of others.
func (c *Core) broadcast(about swim.NodeID, trace swim.TraceID) {
	if c.farewell.started && about != c.cfg.Self.ID {
		return
	}
	for _, m := range c.table.live(c.cfg.Self.ID) {
		if m.ID == about {
			continue
		}
		i, found := c.findPeer(m.ID)
		if !found {
			c.peers = slices.Insert(c.peers, i, peer{id: m.ID})
		}
		c.peers[i].add(news{about: about, trace: trace})
	}
}

// dropPeer forgets the queue of a member that takes part no more. While a call is out the
// peer stays, so that there is never a second one if the member returns meanwhile.
func (c *Core) dropPeer(id swim.NodeID) {
	i, found := c.findPeer(id)
	if !found {
		return
	}
	if c.peers[i].pending = nil; c.peers[i].call == 0 {
		c.peers = slices.Delete(c.peers, i, i+1)
	}
}

// flushPeers sends what is queued, one call at a time per peer.
func (c *Core) flushPeers() {
	for i := range c.peers {
		p := &c.peers[i]
		if p.call != 0 || len(p.pending) == 0 || c.now.Mono < p.retryAt {
			continue
		}
		to, _ := c.table.get(p.id)
		p.call = c.newCall()
		rows := fit(c.rowsOf(p.pending))
		p.sending, p.pending = p.pending[:len(rows):len(rows)], p.pending[len(rows):]
		c.do(Disseminate{
			Number: p.call, To: to, Members: rows,
			Timeout: pushTimeout, Trace: p.sending[0].trace,
		})
	}
}

// rowsOf returns the rows as they stand now. None is missing: rows are never deleted.
func (c *Core) rowsOf(list []news) []swim.Member {
	rows := make([]swim.Member, len(list))
	for i, n := range list {
		rows[i], _ = c.table.get(n.about)
	}
	return rows
}

func (c *Core) peerDeadline() time.Duration {
	next := never
	for _, p := range c.peers {
		if p.call == 0 && len(p.pending) > 0 {
			next = min(next, p.retryAt)
		}
	}
	return next
}

// newsReceived takes in what another disseminator pushes.
func (c *Core) newsReceived(in NewsReceived) {
	newer := c.learnAll(in.Members, pushed, in.Trace)
	if in.Accusation && c.defend(in) {
		return // answered when the lease has come
	}
	c.do(AnswerNews{Call: in.Call, Newer: newer})
}

// newsEnded is the outcome of a push or of an accusation.
func (c *Core) newsEnded(in NewsEnded) {
	if c.accusationEnded(in) {
		return
	}
	i := slices.IndexFunc(c.peers, func(p peer) bool { return p.call == in.Number })
	if i < 0 {
		return
	}
	p := &c.peers[i]
	p.call, p.retryAt = 0, c.now.Mono
	trace := p.sending[0].trace
	if in.Evidence == swim.Acked {
		p.backoff = 0
	} else if row, _ := c.table.get(p.id); row.State.Live() {
		p.backoff = min(max(2*p.backoff, pushBackoff), pushBackoffMax)
		p.retryAt += p.backoff
		for _, n := range p.sending {
			p.add(n)
		}
	}
	p.sending = nil
	if row, _ := c.table.get(p.id); !row.State.Live() {
		c.dropPeer(p.id)
	}
	c.learnAll(in.Newer, pushed, trace)
}
