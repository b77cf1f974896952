package membership

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/swimpair/swim/proto/swim"
)

// purpose says what a Sync is for, besides comparing tables.
type purpose uint8

const (
	toCompare     purpose = iota + 1 // the slow net under the broadcasts
	toMend                           // digests differed: all pages, one after another
	toHandOver                       // the rows that the peer asked for
	toHeal                           // is a failed member back?
	toMeet                           // a contact's disseminator
	toCheckMoved                     // does the old address of a member still answer?
	toCheckHolder                    // does another process with this node's id answer?
)

// syncCall is a Sync that is out.
type syncCall struct {
	purpose purpose
	contact *contact
	about   swim.Member
	address swim.Address
	page    IDRange
	trace   swim.TraceID
	differs time.Duration // toMend: since when it is known that the views differ; 0: it is not
}

// startSync compares one page of the table, the one that starts at from, with whoever
// answers at address; id is who that should be, or empty.
func (c *Core) startSync(call syncCall, address swim.Address, id, from swim.NodeID) CallNumber {
	if call.trace == (swim.TraceID{}) {
		call.trace = c.newTrace()
	}
	summaries, page := c.page(from)
	call.address, call.page = address, page
	number := c.newCall()
	c.syncs[number] = call
	c.do(Sync{
		Number: number, Address: address, ID: id, Sender: c.self(),
		Summaries: summaries, Range: &page, Timeout: syncTimeout, Trace: call.trace,
	})
	return number
}

// page summarises the rows from one id on, or all of them if they fit.
func (c *Core) page(from swim.NodeID) ([]swim.Summary, IDRange) {
	rows, r := c.table.rows, IDRange{}
	if len(rows) > maxSummaries {
		start, _ := c.table.find(from)
		end := min(start+maxSummaries, len(rows))
		r.From = from
		if end < len(rows) {
			r.To = rows[end].ID
		}
		rows = rows[start:end]
	}
	summaries := make([]swim.Summary, len(rows))
	for i, m := range rows {
		summaries[i] = m.Summary()
	}
	return summaries, r
}

// runSync keeps the slow net and the healing going.
func (c *Core) runSync() {
	if c.farewell.started {
		c.nextSync, c.nextHeal = never, never
		return
	}
	if c.now.Mono >= c.nextSync {
		c.nextSync = c.now.Mono + c.jitter(c.syncInterval())
		if peer, found := c.anyLive(); found {
			number := c.startSync(syncCall{purpose: toCompare}, peer.DisseminatorAddress, peer.ID, c.syncFrom)
			c.syncFrom = c.syncs[number].page.To
		}
	}
	if c.now.Mono >= c.nextHeal {
		c.nextHeal = c.now.Mono + c.jitter(healInterval)
		c.heal()
	}
}

// syncInterval is short until this node knows that others have it in their tables.
func (c *Core) syncInterval() time.Duration {
	if !c.admitted {
		return c.interval()
	}
	return syncPeriods * c.interval()
}

// viewsDiffer: the live members of two settled tables are not the same.
func (c *Core) viewsDiffer(in ViewsDiffer) {
	if c.mending == 0 {
		c.do(Event{Kind: ViewsDiffered, Member: in.Peer, Trace: in.Trace, Detail: "comparing tables"})
	}
	c.mend(in.Peer, in.Trace, c.now.Mono)
}

// mend compares the whole table with a peer, any live one if none is named; one such
// comparison at a time.
func (c *Core) mend(with swim.NodeID, trace swim.TraceID, differs time.Duration) {
	if c.mending != 0 || c.farewell.started {
		return
	}
	peer, known := c.table.get(with)
	if with == "" {
		peer, known = c.anyLive()
	}
	if !known || !peer.State.Live() || peer.ID == c.cfg.Self.ID {
		return
	}
	c.mending = c.startSync(syncCall{purpose: toMend, about: peer, trace: trace, differs: differs}, peer.DisseminatorAddress, peer.ID, "")
}

// mended goes on to the next page. A node that had stood still may judge again then.
func (c *Core) mended(call syncCall, in SyncEnded) {
	c.mending = 0
	if in.Evidence != swim.Acked {
		return
	}
	if call.page.To != "" {
		c.mending = c.startSync(syncCall{purpose: toMend, about: call.about, trace: call.trace, differs: call.differs}, call.address, call.about.ID, call.page.To)
		return
	}
	if call.differs > 0 {
		took := (c.now.Mono - call.differs).Round(time.Microsecond)
		c.do(Event{Kind: ViewsAgree, Member: call.about.ID, Trace: call.trace, Detail: fmt.Sprintf("mended in %s", took)})
	}
	c.pause.quietUntil = min(c.pause.quietUntil, c.now.Mono)
}

// anyLive picks a live member other than this one.
func (c *Core) anyLive() (swim.Member, bool) {
	count := c.table.live(c.cfg.Self.ID)
	if count == 0 {
		return swim.Member{}, false
	}
	before := c.rng.IntN(count)
	i := slices.IndexFunc(c.table.rows, func(m *swim.Member) bool {
		if m.State.Live() && m.ID != c.cfg.Self.ID {
			before--
		}
		return before < 0
	})
	return *c.table.rows[i], true
}

// heal tries the next failed member, in turn and for ever: partitions end, and hosts come
// back under the same name.
func (c *Core) heal() {
	hasFailed := func(m *swim.Member) bool { return m.State == swim.Failed && m.ID != c.cfg.Self.ID }
	i := slices.IndexFunc(c.table.rows, func(m *swim.Member) bool { return hasFailed(m) && m.ID > c.healed })
	if i < 0 { // all have had their turn
		i = slices.IndexFunc(c.table.rows, hasFailed)
	}
	if i < 0 {
		return
	}
	m := *c.table.rows[i]
	c.healed = m.ID
	c.startSync(syncCall{purpose: toHeal, about: m}, m.DisseminatorAddress, m.ID, m.ID)
}

// syncReceived compares a peer's page with this table.
func (c *Core) syncReceived(in SyncReceived) {
	c.noteSpeaking(in.Sender.ID)
	c.heardFrom(in.Sender, told{by: in.Sender.ID}, in.Trace)
	for _, s := range in.Summaries {
		c.summaryOfMyself(s, in.Trace)
	}
	c.learnAll(in.Members, told{by: in.Sender.ID, synced: true}, in.Trace)
	c.accusedByTable(in.Sender)
	newer, wanted := c.difference(in)
	c.do(AnswerSync{Call: in.Call, Responder: c.self(), Newer: fit(newer), Wanted: wanted})
}

// heardFrom takes in what a node says of itself, first-hand. A node that is no member yet,
// or says so under another instance, has to be met first.
func (c *Core) heardFrom(m swim.Member, how told, trace swim.TraceID) {
	if m.ID == c.cfg.Self.ID {
		return
	}
	row, known := c.table.get(m.ID)
	switch {
	case known && row.Instance == m.Instance:
		c.learn(m, how, trace)
		if after, _ := c.table.get(m.ID); after.State.Live() && !row.State.Live() {
			c.broadcast(m.ID, trace) // it is back: nobody else may have heard
			c.nextHeal = c.now.Mono  // and so may be those that went with it
		}
	case m.State == swim.Alive:
		c.introduce(m, trace)
	}
}

// accusedByTable notes whose table it was, if that peer will not hear of the refutation:
// this node tells its live members, and each side of a partition has failed the other.
func (c *Core) accusedByTable(peer swim.Member) {
	row, _ := c.table.get(peer.ID)
	noted := slices.ContainsFunc(c.defence.tables, func(m swim.Member) bool { return m.ID == peer.ID })
	if c.defence.accused && !row.State.Live() && !noted && len(c.defence.tables) < maxAccusers {
		c.defence.tables = append(c.defence.tables, peer)
	}
}

// summaryOfMyself reads what a peer's table says of this node.
func (c *Core) summaryOfMyself(s swim.Summary, trace swim.TraceID) {
	self := c.self()
	switch {
	case s.ID != self.ID || self.State != swim.Alive:
	case s.Instance == self.Instance:
		if swim.CompareSummaries(s, self.Summary()) > 0 {
			accused := self
			accused.State, accused.Incarnation = s.State, s.Incarnation
			c.learnAboutMyself(accused, trace)
		}
	case !s.State.Live() || !c.admitted:
		c.outlive(s, trace)
	}
}

// difference returns the rows that the caller lacks or holds older, and the ids that it
// holds newer. A record of the caller's own id under another instance is always shown to
// it: it may be a conflict.
func (c *Core) difference(in SyncReceived) (newer []swim.Member, wanted []swim.NodeID) {
	if in.Range == nil {
		return nil, nil
	}
	for _, s := range in.Summaries {
		row, known := c.table.get(s.ID)
		switch {
		case s.ID == c.cfg.Self.ID, known && swim.CompareSummaries(s, row.Summary()) <= 0:
		case !known && (s.State == swim.Left || s.State == swim.Forgotten):
		case s.ID == in.Sender.ID: // first, so that it is never cut: it tells the caller that it is no member yet
			wanted = append([]swim.NodeID{s.ID}, wanted...)
		default:
			wanted = append(wanted, s.ID)
		}
	}
	var s swim.Summary
	theirs := ordered(in.Summaries)
	for _, row := range c.table.rows {
		for len(theirs) > 0 && theirs[0].ID <= row.ID {
			s, theirs = theirs[0], theirs[1:]
		}
		if row.ID == c.cfg.Self.ID {
			continue // the answer says who answers; that is no hearsay
		}
		has := s.ID == row.ID
		double := row.ID == in.Sender.ID && row.Instance != in.Sender.Instance
		if in.Range.Contains(row.ID) && ((!has && !isGone(*row)) || double || has && swim.CompareSummaries(row.Summary(), s) > 0) {
			newer = append(newer, *row)
		}
	}
	return newer, wanted[:min(len(wanted), maxRows)]
}

// ordered returns the summaries by id, as a table has them and an honest peer sends them.
func ordered(list []swim.Summary) []swim.Summary {
	byID := func(a, b swim.Summary) int { return cmp.Compare(a.ID, b.ID) }
	if slices.IsSortedFunc(list, byID) {
		return list
	}
	return slices.SortedStableFunc(slices.Values(list), byID)
}

// syncEnded is the outcome of a Sync of any purpose.
func (c *Core) syncEnded(in SyncEnded) {
	call, out := c.syncs[in.Number]
	if !out {
		return
	}
	delete(c.syncs, in.Number)
	if in.Evidence == swim.Acked {
		c.noteOutcome(in.Responder.ID, swim.Acked, c.now.Mono)
		c.syncAnswered(call, in)
	}
	switch call.purpose {
	case toMend:
		c.mended(call, in)
	case toMeet:
		c.contactSynced(call.contact, in)
	case toCheckMoved:
		c.oldAddressChecked(call.contact, call.about, in)
	case toCheckHolder:
		c.holderChecked(call.about, in, call.trace)
	}
}

// syncAnswered takes in what the peer holds newer and hands over what it wants.
func (c *Core) syncAnswered(call syncCall, in SyncEnded) {
	if call.purpose != toMeet { // a contact is met by both its ports, see contactSynced
		c.heardFrom(in.Responder, told{by: in.Responder.ID, firstHand: true}, call.trace)
	}
	c.learnAll(in.Newer, told{by: in.Responder.ID, synced: true}, call.trace)
	c.accusedByTable(in.Responder)
	if call.purpose == toHandOver || in.Responder.ID == c.cfg.Self.ID {
		return
	}
	if call.page.Contains(c.cfg.Self.ID) && !slices.Contains(in.Wanted, c.cfg.Self.ID) &&
		!slices.ContainsFunc(in.Newer, func(m swim.Member) bool { return m.ID == c.cfg.Self.ID }) {
		c.admitted = true
	}
	c.handOver(in.Responder, in.Wanted, call.trace)
}

func (c *Core) handOver(to swim.Member, wanted []swim.NodeID, trace swim.TraceID) {
	var rows []swim.Member
	for _, id := range wanted {
		if m, known := c.table.get(id); known && id != c.cfg.Self.ID {
			rows = append(rows, m)
		}
	}
	if len(rows) == 0 {
		return
	}
	number := c.newCall()
	c.syncs[number] = syncCall{purpose: toHandOver, trace: trace}
	c.do(Sync{
		Number: number, Address: to.DisseminatorAddress, ID: to.ID, Sender: c.self(),
		Members: fit(rows), Timeout: syncTimeout, Trace: trace,
	})
}
