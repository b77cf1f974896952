package membership

import (
	"math"
	"slices"
	"time"

	"github.com/swimpair/swim/proto/swim"
)

// In a large cluster news goes in two levels. The ids' hashes are cut into about sqrt(n)
// ranges; in each a member is made head, and is given the rows and the range:
//
//	A ->[Disseminate: B failed, serve R1]-> H1 ->[Disseminate: B failed]-> the members in R1
//	A ->[Disseminate: B failed, serve R2]-> H2 ->[Disseminate: B failed]-> the members in R2
//	A <-[served]- H1
//	A  (no answer from H2) ->[Disseminate: B failed, serve R2]-> another member in R2
//
// One answer says both that the head has the news and that its range has been told (serve.go).
// An early "received" would have to be waited for as well, and changes nothing: without the
// answer in time the next member gets the range, wherever the head has died or stands still.
// The range holds the late head too, so that nobody has to remember to tell it. Whoever is
// told twice does not mind.

// relay is the queue of news for one range of members. Like a peer it has one call out at a
// time, and what comes meanwhile follows together.
type relay struct {
	of       swim.HashRange
	pending  []news
	sending  []news // in the call that is out
	call     CallNumber
	calledAt time.Duration
	head     swim.NodeID   // whom the call is out to
	failed   []swim.NodeID // heads that have not answered
	trace    swim.TraceID
}

const (
	// headPatience is how long a head has to answer: rangePatience, twice the way, and some
	// lateness. Too short costs a second telling of one range. It stays below lastWord, so
	// that whoever hears of a suspicion that much later believes its end as soon as the others
	// do (hadItsTime).
	headPatience = 200 * time.Millisecond
	// maxHeads of one range are tried, so that news is not late by more than 0.6 s. Then this
	// node tells the range itself.
	maxHeads = 3
	// lateMemory is for how long a head that did not answer comes last: longer than it takes
	// until a silent member is suspect.
	lateMemory = 10 * time.Second
)

// lateHead is a member that did not answer as a head.
type lateHead struct {
	id swim.NodeID
	at time.Duration
}

// inTwoLevels reports whether the row is told through heads. What a node says against
// itself is not: nobody believes it from another.
func (c *Core) inTwoLevels(row swim.Member) bool {
	against := row.ID == c.cfg.Self.ID && row.State != swim.Alive
	return !against && c.table.live(c.cfg.Self.ID) >= c.headsFrom()
}

func (c *Core) headsFrom() int {
	if c.cfg.HeadsFrom > 0 {
		return c.cfg.HeadsFrom
	}
	return headsFrom
}

// tellRanges queues one piece of news for every range. Their number is a power of two, so
// that it seldom changes: news that is made at one time has the same ranges, and each node
// has to do with few others, to which its connections stay open.
func (c *Core) tellRanges(n news) {
	bits := math.Round(math.Log2(float64(c.table.live(c.cfg.Self.ID))) / 2)
	for _, r := range swim.HashRanges(int(bits)) {
		i := slices.IndexFunc(c.relays, func(other relay) bool { return other.of == r })
		if i < 0 {
			i = len(c.relays)
			c.relays = append(c.relays, relay{of: r})
		}
		c.relays[i].pending = added(c.relays[i].pending, n)
	}
}

// flushRelays hands over what is queued for ranges that have no call out.
func (c *Core) flushRelays() {
	var due []*relay
	for i := range c.relays {
		if r := &c.relays[i]; r.call == 0 && len(r.pending) > 0 {
			due = append(due, r)
		}
	}
	if len(due) == 0 {
		return
	}
	c.chooseHeads(due)
	for _, r := range due {
		c.callHead(r)
	}
	c.relays = slices.DeleteFunc(c.relays, func(r relay) bool { return r.call == 0 })
}

// chooseHeads gives each range the member that ranks lowest for this node, so that it has
// the same heads every time. Suspects and late heads come last. Whoever the news is about is none, as it
// may be gone.
func (c *Core) chooseHeads(due []*relay) {
	best := make([]candidate, len(due))
	for _, m := range c.table.rows {
		if !m.State.Live() || m.ID == c.cfg.Self.ID {
			continue
		}
		hash := swim.Position(m.ID)
		next := candidate{id: m.ID, doubtful: m.State == swim.Suspect || c.wasLate(m.ID), rank: swim.Rank(m.ID, c.cfg.Self.ID)}
		for i, r := range due {
			if r.of.Contains(hash) && next.before(best[i]) && r.mayHead(m.ID) {
				best[i] = next
			}
		}
	}
	for i, r := range due {
		r.head = best[i].id
	}
}

// candidate for a head; the zero one is nobody.
type candidate struct {
	id       swim.NodeID
	doubtful bool
	rank     uint64
}

func (c candidate) before(other candidate) bool {
	if other.id == "" || c.doubtful != other.doubtful {
		return other.id == "" || other.doubtful
	}
	return c.rank < other.rank
}

func (r *relay) mayHead(id swim.NodeID) bool {
	return !slices.Contains(r.failed, id) && !slices.ContainsFunc(r.pending, func(n news) bool { return n.about == id })
}

// callHead gives the head what is pending. Without one this node tells the range itself.
func (c *Core) callHead(r *relay) {
	rows, _, taken := c.contents(r.pending)
	if r.head == "" || len(r.failed) >= maxHeads || len(rows) == 0 {
		c.tellRange(r.of, r.pending, "")
		r.pending = nil
		return
	}
	to, _ := c.table.get(r.head)
	of := r.of
	r.call, r.calledAt, r.trace = c.newCall(), c.now.Mono, r.pending[0].trace
	r.sending, r.pending = r.pending[:taken:taken], r.pending[taken:]
	c.do(Disseminate{Number: r.call, To: to, Members: rows, Serve: &of, Timeout: headPatience, Trace: r.trace})
}

// noteLate has others come before a head for a while.
func (c *Core) noteLate(id swim.NodeID) {
	c.lateHeads = slices.DeleteFunc(c.lateHeads, func(h lateHead) bool { return h.id == id || c.now.Mono-h.at >= lateMemory })
	c.lateHeads = append(c.lateHeads, lateHead{id, c.now.Mono})
}

func (c *Core) wasLate(id swim.NodeID) bool {
	return slices.ContainsFunc(c.lateHeads, func(h lateHead) bool { return h.id == id && c.now.Mono-h.at < lateMemory })
}

// tellRange tells every live member in a range directly, but the one named.
func (c *Core) tellRange(of swim.HashRange, list []news, but swim.NodeID) {
	for _, m := range c.membersIn(of, but) {
		c.tellEach(m.ID, list)
	}
}

// tellEach queues news for one member, but for what is about itself.
func (c *Core) tellEach(to swim.NodeID, list []news) {
	for _, n := range list {
		if n.about != to {
			c.tell(to, n)
		}
	}
}

// relayEnded takes in the answer of a head, and reports whether the call was one to a head.
func (c *Core) relayEnded(in NewsEnded) bool {
	i := slices.IndexFunc(c.relays, func(r relay) bool { return r.call == in.Number })
	if i < 0 {
		return false
	}
	r := &c.relays[i]
	in = in.meantFor(r.head)
	head, trace, sent := r.head, r.trace, r.sending
	if in.Evidence != swim.Silent { // so short a silence says nothing of this node's own health
		c.noteOutcome(head, in.Evidence, r.calledAt)
	}
	r.call, r.sending = 0, nil
	switch {
	case in.Evidence == swim.Acked && in.Served:
		r.failed = nil
	case in.Evidence == swim.Acked: // an older version, or it does not believe the news
		c.tellRange(r.of, sent, head)
	default:
		r.failed = append(r.failed, head)
		c.noteLate(head)
		for _, n := range r.pending {
			sent = added(sent, n)
		}
		r.pending = sent
	}
	if len(r.pending) == 0 {
		c.relays = slices.Delete(c.relays, i, i+1)
	}
	c.learnAll(in.Newer, told{by: head, firstHand: in.ResponderID == head}, trace)
	return true
}
