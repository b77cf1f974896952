package probe

import (
	"cmp"
	"slices"

	"github.com/swimpair/swim/proto/swim"
)

// view is the detector's read-only copy of the membership table, ordered by id. A row of it
// is never changed, only replaced: the view of another core may hold the same one
// (Config.Share).
type view struct {
	members []*swim.Member
	ring    ring // of the live ones
	share   func(swim.Member) *swim.Member
}

func (v *view) find(id swim.NodeID) (int, bool) {
	return slices.BinarySearchFunc(v.members, id, func(m *swim.Member, id swim.NodeID) int {
		return cmp.Compare(m.ID, id)
	})
}

func (v *view) get(id swim.NodeID) (swim.Member, bool) {
	i, found := v.find(id)
	if !found {
		return swim.Member{}, false
	}
	return *v.members[i], true
}

// at returns the member with that detector address, a live one rather than one that is
// gone.
func (v *view) at(address swim.Address) (at swim.Member, found bool) {
	for _, m := range v.members {
		if m.DetectorAddress == address && (!found || m.State.Live()) {
			at, found = *m, true
		}
	}
	return at, found
}

func (v *view) put(m swim.Member) {
	if m.State.Live() {
		v.ring.add(m.ID)
	} else {
		v.ring.remove(m.ID)
	}
	row := v.shared(m)
	i, found := v.find(m.ID)
	if found {
		v.members[i] = row
		return
	}
	v.members = slices.Insert(v.members, i, row)
}

// shared is the row that says m.
func (v *view) shared(m swim.Member) *swim.Member {
	if v.share != nil {
		return v.share(m)
	}
	return &m
}

func (v *view) remove(id swim.NodeID) {
	if i, found := v.find(id); found {
		v.members = slices.Delete(v.members, i, i+1)
		v.ring.remove(id)
	}
}

// live are the ids of the members that take part, without the one named.
func (v *view) live(but swim.NodeID) []swim.NodeID {
	ids := make([]swim.NodeID, 0, len(v.members))
	for _, m := range v.members {
		if m.State.Live() && m.ID != but {
			ids = append(ids, m.ID)
		}
	}
	return ids
}

func (v *view) copy() []swim.Member {
	members := make([]swim.Member, len(v.members))
	for i, m := range v.members {
		members[i] = *m
	}
	return members
}

// self is this node's own row, empty before the disseminator has sent it.
func (c *Core) self() swim.Member { return c.own }

// takesPart: this node is known, and has not left. One that has failed goes on pinging: how
// else would it know that it is well again?
func (c *Core) takesPart() bool {
	state := c.self().State
	return state.Live() || state == swim.Failed
}

// probed reports whether m is among those that become targets.
func (c *Core) probed(m swim.Member) bool { return m.State.Live() && m.ID != c.cfg.Self }

func (c *Core) replaceView(members []swim.Member) {
	c.disseminatorHeard()
	var contacts []swim.Address
	kept := make(map[swim.NodeID]bool, len(members))
	for _, m := range members {
		if m.State == swim.Contact {
			contacts = append(contacts, m.DetectorAddress)
			continue
		}
		kept[m.ID] = true
		c.putMember(m)
	}
	for _, m := range slices.Clone(c.view.members) {
		if !kept[m.ID] {
			c.removeMember(m.ID)
		}
	}
	c.keepContacts(contacts)
}

func (c *Core) changeView(in ViewChanged) {
	c.disseminatorHeard()
	switch {
	case in.Member.State == swim.Contact && in.Removed:
		c.removeContact(in.Member.DetectorAddress)
	case in.Member.State == swim.Contact:
		c.addContact(in.Member.DetectorAddress)
		c.wakeContact(in.Member.DetectorAddress)
	case in.Removed:
		c.removeMember(in.Member.ID)
	default:
		c.putMember(in.Member)
	}
}

func (c *Core) putMember(m swim.Member) {
	before, _ := c.view.get(m.ID)
	c.view.put(m)
	if m.ID == c.cfg.Self {
		c.own = m
	}
	c.noteDigest(before, m)
	if m.State.Live() != before.State.Live() || m.DetectorAddress != before.DetectorAddress || m.Instance != before.Instance {
		c.ringChanged = true
	}
	if m.Instance != before.Instance {
		c.round.abandon(m.ID) // it is about a former life
	}
	if m.State != before.State || m.Incarnation != before.Incarnation {
		c.witness(m)
	}
	switch {
	case m.ID == c.cfg.Self:
		if !c.takesPart() {
			c.round.phase = over // this node has left: it judges nobody
		}
	case c.probed(m) && !c.probed(before):
		c.order.add(m.ID)
		c.do(Event{Kind: ProbingStarted, Member: m.ID, Address: m.DetectorAddress})
	case !c.probed(m) && c.probed(before):
		c.stopProbing(m.ID, m.State.String())
	}
}

func (c *Core) removeMember(id swim.NodeID) {
	before, _ := c.view.get(id)
	c.view.remove(id)
	if id == c.cfg.Self {
		c.own = swim.Member{}
	}
	c.noteDigest(before, swim.Member{})
	c.ringChanged = true
	if c.probed(before) {
		c.stopProbing(id, "removed")
	}
}

func (c *Core) stopProbing(id swim.NodeID, why string) {
	c.order.remove(id)
	c.round.abandon(id)
	c.do(Event{Kind: ProbingStopped, Member: id, Detail: why})
}
