package membership

import (
	"fmt"
	"time"

	"github.com/swimpair/swim/proto/swim"
)

// movedCheck finds out whether the old address of a member still answers as the old
// instance, before the member is admitted at a new one.
type movedCheck struct {
	call        CallNumber
	silentSince time.Duration // 0: not silent yet
	again       time.Duration // when to ask a second time; 0: not
	silent      bool          // asked twice, movedSilence apart, no answer
}

// oldAddressSilent reports whether the old life of a moved member is known to be over. If
// not it starts finding out; tryAdmit is called again when it has.
func (c *Core) oldAddressSilent(k *contact, old swim.Member) bool {
	if k.moved.silent {
		return true
	}
	if k.moved.call == 0 && k.moved.again == 0 {
		k.moved.call = c.startSync(syncCall{purpose: toCheckMoved, contact: k, about: old, trace: k.trace}, old.DisseminatorAddress, old.ID, old.ID)
	}
	return false
}

// oldAddressChecked is the outcome of that Sync.
func (c *Core) oldAddressChecked(k *contact, old swim.Member, in SyncEnded) {
	if k.moved.call != in.Number {
		return // others have admitted it meanwhile
	}
	k.moved.call = 0
	switch {
	case in.Evidence == swim.Acked && identityOf(in.Responder) == identityOf(old):
		c.refuseContact(k, Refusal{RefusedConflict, holderText(old)})
	case k.moved.silentSince == 0:
		k.moved.silentSince = c.now.Mono
		k.moved.again = c.now.Mono + movedSilence
	default:
		k.moved.silent = true
		c.tryAdmit(k)
	}
}

func holderText(m swim.Member) string {
	return fmt.Sprintf("node id %s is held by a live node at %s (disseminator %s): stop that node, or start this one with another NODE_ID",
		m.ID, m.DetectorAddress, m.DisseminatorAddress)
}

// idIsHeld: somebody holds a record of this node's id under another instance. A former
// life of this node is outbid; a live process is asked first who it is.
func (c *Core) idIsHeld(m swim.Member, trace swim.TraceID) {
	if !m.State.Live() || m.SameAddresses(c.self()) {
		c.outlive(m.Summary(), trace)
		return
	}
	for _, call := range c.syncs { // order does not matter: any one will do
		if call.purpose == toCheckHolder {
			return
		}
	}
	c.startSync(syncCall{purpose: toCheckHolder, about: m, trace: trace}, m.DisseminatorAddress, m.ID, m.ID)
}

// holderChecked: if the other process is alive, one of the two has to go. A node that
// nobody has admitted yet is the intruder; between two members the lower record goes.
func (c *Core) holderChecked(m swim.Member, in SyncEnded, trace swim.TraceID) {
	if in.Evidence != swim.Acked || identityOf(in.Responder) != identityOf(m) {
		c.outlive(m.Summary(), trace)
		return
	}
	if !c.admitted || swim.Supersedes(in.Responder, c.self()) {
		c.do(Halt{Why: holderText(m)})
		return
	}
	c.do(Event{Kind: ConflictFound, Member: m.ID, Detail: holderText(m), Trace: trace})
	number := c.newCall() // it may not have heard of this one: nobody else may know both
	c.syncs[number] = syncCall{purpose: toHandOver, trace: trace}
	c.do(Sync{Number: number, Address: m.DisseminatorAddress, ID: m.ID, Sender: c.self(),
		Members: []swim.Member{c.self()}, Timeout: syncTimeout, Trace: trace})
}

// outlive outbids a former life of this node, if the others would believe it.
func (c *Core) outlive(s swim.Summary, trace swim.TraceID) {
	self := c.self()
	switch {
	case s.Incarnation < self.Incarnation || c.farewell.started:
	case s.Incarnation > swim.MaxIncarnation/2:
		c.refuseRecord(self, fmt.Sprintf("nobody reaches incarnation %d", s.Incarnation), trace)
	case self.State != swim.Alive: // without its detector it says so again, above that
		c.defence.outbid = max(c.defence.outbid, c.withinOneJump(s.Incarnation))
		c.sayOfMyself(self.State, self.Reason)
	case c.defence.accused: // the lease that refutes brings it
		c.defence.outbid = max(c.defence.outbid, c.withinOneJump(s.Incarnation))
	default:
		c.raise(c.withinOneJump(s.Incarnation), swim.Joined, trace)
	}
}
