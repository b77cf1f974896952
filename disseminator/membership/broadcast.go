package membership

import (
	"cmp"
	"slices"
	"time"

	"github.com/swimpair/swim/proto/swim"
)

// peer is the queue of news for one live member. It holds ids, not records: what is sent
// is the row as it stands then, so a queue is never longer than the table, and the newest
// record of a member always wins. A peer that has been told everything has none.
type peer struct {
	id           swim.NodeID
	pending      []news
	sending      []news     // in the call that is out
	call         CallNumber // 0: none is out
	trace        swim.TraceID
	calledAt     time.Duration
	overtaken    int // calls in a row whose answer was not waited for
	retryAt      time.Duration
	backoff      time.Duration
	failingSince time.Duration // when the first of the calls began that failed since the peer was heard; 0: none
}

// news is a member whose row a peer has to be told; or, of a suspect that the peer leads the
// suspicion of, or of one that has crashed, what this node's own detector has found.
type news struct {
	about swim.NodeID
	kind  newsKind
	trace swim.TraceID
}

type newsKind uint8

const (
	newRow    newsKind = iota
	unheard            // a finding: it does not answer here either
	heard              // a finding: it has answered, or called
	crashSeen          // a finding: it has crashed, as far as this node can see
)

func (p *peer) add(n news) { p.pending = added(p.pending, n) }

// added is a queue with one more piece of news, each once. A later finding takes the place
// of an earlier one.
func added(list []news, n news) []news {
	i := slices.IndexFunc(list, func(old news) bool {
		return old.about == n.about && (old.kind == newRow) == (n.kind == newRow)
	})
	switch {
	case i < 0:
		return append(list, n)
	case n.kind != unheard:
		list[i].kind = n.kind
	}
	return list
}

func (p *peer) idle() bool { return p.call == 0 && len(p.pending) == 0 }

func (c *Core) findPeer(id swim.NodeID) (int, bool) {
	return slices.BinarySearchFunc(c.peers, id, func(p peer, id swim.NodeID) int { return cmp.Compare(p.id, id) })
}

// broadcast tells every live member of one row, at once: directly, or if they are many
// through heads. Its subject too, directly: whoever is accused has to hear of it. A node that
// has left tells no news of others.
func (c *Core) broadcast(about swim.NodeID, trace swim.TraceID) {
	if c.farewell.started && about != c.cfg.Self.ID {
		return
	}
	c.announce(about, trace)
	row, _ := c.table.get(about)
	n := news{about: about, trace: trace}
	if row.State == swim.Suspect && about != c.cfg.Self.ID {
		c.tell(about, n)
	}
	if c.inTwoLevels(row) {
		c.tellRanges(n)
		return
	}
	for _, to := range c.table.rows {
		if to.State.Live() && to.ID != c.cfg.Self.ID && to.ID != about {
			c.tell(to.ID, n)
		}
	}
}

// tell queues one piece of news for one peer. What is new does not wait for what failed
// before: it may be what ends the trouble.
func (c *Core) tell(to swim.NodeID, n news) {
	i, found := c.findPeer(to)
	if !found {
		c.peers = slices.Insert(c.peers, i, peer{id: to})
	}
	c.peers[i].add(n)
	c.peers[i].retryAt = c.now.Mono
}

// dropPeer forgets the queue of a member that takes part no more. While a call is out the
// peer stays, so that there is never a second one if the member returns meanwhile.
func (c *Core) dropPeer(id swim.NodeID) {
	i, found := c.findPeer(id)
	if !found {
		return
	}
	p := &c.peers[i]
	if p.pending, p.sending = nil, nil; p.call == 0 {
		c.peers = slices.Delete(c.peers, i, i+1)
	}
}

// flushPeers sends what is queued, one call at a time per peer, unless the answer is late.
// The call that is overtaken then is made again with what is new, and its outcome is no news
// any more.
func (c *Core) flushPeers() {
	for i := range c.peers {
		p := &c.peers[i]
		if c.now.Mono < c.pushAt(p) {
			continue
		}
		if p.call != 0 {
			p.overtaken++
			c.noteOutcome(p.id, swim.Silent, p.calledAt)
		}
		for _, n := range p.sending {
			p.add(n)
		}
		c.push(p)
	}
}

// pushAt is when the next call to a peer begins. What is new does not wait for a peer that
// answers late, as it may be what ends its trouble; and what was lost on the way is said
// again before the suspicion is over that it may end.
func (c *Core) pushAt(p *peer) time.Duration {
	switch news := len(p.pending) > 0; {
	case p.call == 0 && !news:
		return never
	case p.call == 0:
		return p.retryAt
	case news:
		return max(p.retryAt, p.calledAt+c.interval()/2)
	case len(p.sending) > 0:
		return p.calledAt + c.interval()<<min(p.overtaken, 4)
	default: // it is gone
		return never
	}
}

func (c *Core) push(p *peer) {
	to, _ := c.table.get(p.id)
	rows, confirmations, taken := c.contents(p.pending)
	p.call, p.calledAt = c.newCall(), c.now.Mono
	p.sending, p.pending, p.trace = p.pending[:taken:taken], p.pending[taken:], p.pending[0].trace
	c.do(Disseminate{
		Number: p.call, To: to, Members: rows, Confirmations: confirmations,
		Timeout: pushTimeout, Trace: p.trace,
	})
}

// contents is what one message carries of a queue: the rows as they stand now, and the
// findings that still are about a suspect. taken is how much of the queue that is.
func (c *Core) contents(list []news) (rows []swim.Member, confirmations []swim.Confirmation, taken int) {
	size := 0
	for _, n := range list {
		row, known := c.table.get(n.about)
		if size += sizeOf(row); taken == maxRows || (size > maxBytes && taken > 0) {
			break
		}
		taken++
		switch {
		case !known: // its tombstone is gone
		case n.kind == newRow:
			rows = append(rows, row)
		case row.State == swim.Suspect || n.kind == crashSeen && row.State.Live():
			confirmations = append(confirmations, swim.Confirmation{
				ID: row.ID, Incarnation: row.Incarnation, Instance: row.Instance,
				Heard: n.kind == heard, CrashSeen: n.kind == crashSeen,
			})
		}
	}
	return rows, confirmations, taken
}

func (c *Core) peerDeadline() time.Duration {
	next := never
	for i := range c.peers {
		next = min(next, c.pushAt(&c.peers[i]))
	}
	return next
}

// newsReceived takes in what another disseminator pushes.
func (c *Core) newsReceived(in NewsReceived) {
	c.noteSpeaking(in.Sender)
	newer := c.learnAll(in.Members, told{by: in.Sender}, in.Trace)
	for _, found := range in.Confirmations {
		c.witnessed(in.Sender, found, in.Trace)
	}
	if in.Accusation && c.defend(in, newer) {
		return // answered when the lease has come
	}
	if answer := (AnswerNews{Call: in.Call, Newer: newer}); !c.serve(in, answer) {
		c.answerNews(answer)
	}
}

func (c *Core) answerNews(a AnswerNews) {
	a.ResponderID, a.ResponderInstance = c.cfg.Self.ID, c.cfg.Self.Instance
	c.do(a)
}

// meantFor takes the worth out of an answer that somebody else gave, at the address of the
// member that was meant.
func (in NewsEnded) meantFor(id swim.NodeID) NewsEnded {
	if in.Evidence == swim.Acked && in.ResponderID != "" && in.ResponderID != id {
		return NewsEnded{Number: in.Number, Evidence: swim.WrongTarget}
	}
	return in
}

// newsEnded is the outcome of a push, to a peer or to a head, or of an accusation.
func (c *Core) newsEnded(in NewsEnded) {
	if c.accusationEnded(in) || c.relayEnded(in) {
		return
	}
	i := slices.IndexFunc(c.peers, func(p peer) bool { return p.call == in.Number })
	if i < 0 { // overtaken: what it says is true all the same
		c.learnAll(in.Newer, told{by: in.ResponderID}, swim.TraceID{})
		return
	}
	p := &c.peers[i]
	to, trace := p.id, p.trace
	in = in.meantFor(to)
	c.noteOutcome(to, in.Evidence, p.calledAt)
	p.call, p.overtaken, p.retryAt = 0, 0, c.now.Mono
	if in.Evidence == swim.Acked {
		p.backoff, p.failingSince = 0, 0
	} else if row, _ := c.table.get(to); row.State.Live() {
		c.pushFailed(p, row)
	}
	if p = c.peerOf(to); p != nil {
		p.sending = nil
		if row, _ := c.table.get(to); p.idle() || !row.State.Live() {
			c.dropPeer(to)
			c.noteTold(to)
		}
	}
	c.learnAll(in.Newer, told{by: to, firstHand: in.ResponderID == to}, trace)
}

// noteSpeaking: whoever calls is not down, however late its answers are.
func (c *Core) noteSpeaking(id swim.NodeID) {
	c.signOfLife(id)
	if p := c.peerOf(id); p != nil {
		p.failingSince = 0
	}
}

func (c *Core) peerOf(id swim.NodeID) *peer {
	if i, found := c.findPeer(id); found {
		return &c.peers[i]
	}
	return nil
}

// pushFailed has the news sent again, later and later. A disseminator that cannot be
// reached for as long as a node may be without it, while the node's detector answers, is
// half a node missing, unless it answers now.
func (c *Core) pushFailed(p *peer, row swim.Member) {
	p.backoff = min(max(2*p.backoff, pushBackoff), pushBackoffMax)
	p.retryAt += p.backoff
	for _, n := range p.sending {
		p.add(n)
	}
	if p.failingSince == 0 {
		p.failingSince = p.calledAt
	}
	if c.now.Mono-p.failingSince >= c.cfg.PairGrace && row.State == swim.Alive && !c.isQuiet() && !c.isUnwell() {
		p.failingSince = c.now.Mono
		c.accuse(accusation{occasion: onSilence, member: row, trace: p.trace})
	}
}
