package membership

import (
	"cmp"
	"slices"

	"github.com/swimpair/swim/proto/swim"
)

// table is the membership list, ordered by id. One record per member, the newest believed.
//
// A row is never changed, only replaced: the table of another core may hold the same one
// (Config.Share), and a message that is on its way may refer to its tags.
type table struct {
	rows  []*swim.Member
	share func(swim.Member) *swim.Member
}

func (t *table) find(id swim.NodeID) (int, bool) {
	return slices.BinarySearchFunc(t.rows, id, func(m *swim.Member, id swim.NodeID) int {
		return cmp.Compare(m.ID, id)
	})
}

func (t *table) get(id swim.NodeID) (swim.Member, bool) {
	i, found := t.find(id)
	if !found {
		return swim.Member{}, false
	}
	return *t.rows[i], true
}

func (t *table) put(m swim.Member) {
	row := t.shared(m)
	i, found := t.find(m.ID)
	if found {
		t.rows[i] = row
		return
	}
	t.rows = slices.Insert(t.rows, i, row)
}

// shared is the row that says m.
func (t *table) shared(m swim.Member) *swim.Member {
	if t.share != nil {
		return t.share(m)
	}
	return &m
}

func (t *table) remove(id swim.NodeID) {
	if i, found := t.find(id); found {
		t.rows = slices.Delete(t.rows, i, i+1)
	}
}

// shown is what people and applications see: everything but what was forgotten.
func (t *table) shown() []*swim.Member {
	return slices.DeleteFunc(slices.Clone(t.rows), func(m *swim.Member) bool { return m.State == swim.Forgotten })
}

func values(rows []*swim.Member) []swim.Member {
	members := make([]swim.Member, len(rows))
	for i, m := range rows {
		members[i] = *m
	}
	return members
}

// live counts the members that take part, without the one named.
func (t *table) live(but swim.NodeID) (count int) {
	for _, m := range t.rows {
		if m.State.Live() && m.ID != but {
			count++
		}
	}
	return count
}

// apply makes m the record of its member, and tells watchers and people. Whether m is to
// be believed was decided before (admission.go).
func (c *Core) apply(m swim.Member, trace swim.TraceID) {
	before, _ := c.table.get(m.ID)
	c.put(m)
	c.noteDigest(swim.DigestOf(m) - swim.DigestOf(before))
	c.noteRefutation(before, m, trace)
	c.noteLateness(before, m)
	c.followSuspicion(m, trace)
	c.followCrash(before, m)
	c.publish(m, before.State, m.State == swim.Forgotten)
	if m.State != before.State || m.Instance != before.Instance {
		c.do(Event{Kind: kindOfState[m.State], Member: m.ID, Detail: describe(m), Trace: trace})
	}
	switch {
	case m.State.Live():
		c.unbury(m.ID)
		c.resolveContactsOf(m)
	case m.ID != c.cfg.Self.ID:
		c.bury(m.ID)
		c.dropPeer(m.ID)
		c.wakeContactsOf(m)
	}
}

// put keeps the own row at hand: it is asked for at every turn.
func (c *Core) put(m swim.Member) {
	c.table.put(m)
	if m.ID == c.cfg.Self.ID {
		c.own = m
	}
}

// noteDigest keeps the sum over the live rows, and since when it stands.
func (c *Core) noteDigest(change uint64) {
	if change != 0 {
		c.hash, c.hashSince = c.hash+change, c.now.Mono
	}
}

func (c *Core) digest() swim.Digest { return swim.Digest{Hash: c.hash, Age: c.now.Mono - c.hashSince} }

func (c *Core) publish(m swim.Member, previous swim.State, removed bool) {
	c.revision++
	c.do(Publish{Change{Revision: c.revision, Member: m, Previous: previous, Removed: removed, Time: c.now.Wall}})
}

// fit cuts rows to what one message may carry.
func fit(rows []swim.Member) []swim.Member {
	size := 0
	for i, m := range rows {
		size += sizeOf(m)
		if i == maxRows || (size > maxBytes && i > 0) {
			return rows[:i]
		}
	}
	return rows
}

// sizeOf estimates the size of a row on the wire, from above.
func sizeOf(m swim.Member) int {
	size := 96 + len(m.ID) + len(m.Accuser) + len(m.DetectorAddress) + len(m.DisseminatorAddress) + len(m.Zone) + len(m.Version)
	for key, value := range m.Tags { // order does not matter: a sum
		size += 8 + len(key) + len(value)
	}
	return size
}
