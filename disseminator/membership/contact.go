package membership

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/swimpair/swim/proto/swim"
)

// identity is one life of one node.
type identity struct {
	id       swim.NodeID
	instance swim.Instance
}

func identityOf(m swim.Member) identity { return identity{m.ID, m.Instance} }

// contact is an address that is to become a member: from MEMBERS (static), or named by a
// joiner or by a peer (introduced). Both its ports have to be met, and to say the same
// identity: the own detector pings one, a Sync reaches the other.
type contact struct {
	// Where, and whom to expect.
	address      swim.Address // of its detector
	disseminator swim.Address // learned from the detector's answer, guessed until then
	static       bool         // kept for ever
	claim        identity     // whom an introduced contact says it is
	trace        swim.TraceID

	// Who was met.
	detector identity      // at the detector's port
	missed   swim.Evidence // why nobody was, there
	record   swim.Member   // at the disseminator's port
	moved    movedCheck

	// When to try again.
	sync    CallNumber // 0: none is out
	nextTry time.Duration
	backoff time.Duration
	expires time.Duration // introduced only

	// Who waits for the outcome.
	joiners []joinerWaiting

	// Afterwards, static only: whom it was met as. While that member is live the contact
	// sleeps, and is hidden.
	member swim.NodeID
	hidden bool
}

// joinerWaiting is a Join that is answered when the contact has been met, or at until.
type joinerWaiting struct {
	call   Call
	joiner identity
	until  time.Duration
}

func (c *Core) addContact(k *contact) {
	if k.disseminator == "" {
		k.disseminator = guessDisseminator(k.address)
	}
	k.nextTry, k.backoff = c.now.Mono, contactBackoff
	c.contacts = append(c.contacts, k)
	slices.SortFunc(c.contacts, func(a, b *contact) int { return strings.Compare(string(a.address), string(b.address)) })
	c.publish(k.shown(), 0, false)
}

// guessDisseminator is the seed's port plan: 50050 + id and 50060 + id.
func guessDisseminator(detector swim.Address) swim.Address {
	at := strings.LastIndexByte(string(detector), ':')
	port, err := strconv.Atoi(string(detector[at+1:]))
	if err != nil || port+10 > 65535 {
		return detector
	}
	return detector[:at+1] + swim.Address(strconv.Itoa(port+10))
}

// shown is the row that people see, and that makes the own detector ping the address.
func (k *contact) shown() swim.Member {
	return swim.Member{State: swim.Contact, DetectorAddress: k.address, DisseminatorAddress: k.disseminator}
}

// Contacts are those that nobody has met yet, ordered by address.
func (c *Core) Contacts() (rows []swim.Member) {
	for _, k := range c.contacts {
		if !k.hidden {
			rows = append(rows, k.shown())
		}
	}
	return rows
}

func (c *Core) contactAt(address swim.Address) *contact {
	for _, k := range c.contacts {
		if k.address == address {
			return k
		}
	}
	return nil
}

// introduce makes a contact of a node that somebody named. It returns nil if there are
// too many already, or if this node leaves.
func (c *Core) introduce(m swim.Member, trace swim.TraceID) *contact {
	if c.farewell.started {
		return nil
	}
	if k := c.contactAt(m.DetectorAddress); k != nil {
		c.renew(k, m, trace)
		return k
	}
	if total, there := c.introduced(host(m.DetectorAddress)); total >= maxIntroduced || there >= maxIntroducedPerHost {
		c.do(Event{Kind: ContactRefused, Member: m.ID, Trace: trace,
			Detail: fmt.Sprintf("%s: %d contacts are waiting to be met already, %d at its host", m.DetectorAddress, total, there)})
		return nil
	}
	k := &contact{
		address: m.DetectorAddress, disseminator: m.DisseminatorAddress, claim: identityOf(m),
		expires: c.now.Mono + introducedLife, trace: trace,
	}
	c.addContact(k)
	return k
}

// introduced counts the contacts that have named themselves: all, and those at one host.
func (c *Core) introduced(at swim.Address) (total, there int) {
	for _, k := range c.contacts {
		if k.static {
			continue
		}
		total++
		if host(k.address) == at {
			there++
		}
	}
	return total, there
}

// renew turns a known contact to the node that now speaks for its address.
func (c *Core) renew(k *contact, m swim.Member, trace swim.TraceID) {
	k.expires = c.now.Mono + introducedLife
	if k.claim == identityOf(m) && !k.hidden {
		return
	}
	k.claim, k.trace, k.moved = identityOf(m), trace, movedCheck{}
	if m.DisseminatorAddress != "" {
		k.disseminator = m.DisseminatorAddress
	}
	k.nextTry, k.backoff, k.missed = c.now.Mono, contactBackoff, 0
	previous := swim.Contact // told again, so that the own detector tries at once
	if k.hidden {
		k.hidden, previous = false, 0
	}
	c.publish(k.shown(), previous, false)
}

// show lists a contact that slept, so that the own detector pings it.
func (c *Core) show(k *contact) {
	if k.hidden {
		k.hidden = false
		c.publish(k.shown(), 0, false)
	}
}

// runContacts tries whoever is due, answers joiners whose time is up, and lets introduced
// contacts go that nobody could meet.
func (c *Core) runContacts() {
	if c.farewell.started {
		return
	}
	for _, k := range slices.Clone(c.contacts) {
		c.answerLateJoiners(k)
		switch {
		case !k.static && len(k.joiners) == 0 && c.now.Mono >= k.expires:
			c.removeContact(k)
		case c.asleep(k):
		case k.sync == 0 && c.now.Mono >= k.nextTry:
			k.sync = c.startSync(syncCall{purpose: toMeet, contact: k, trace: k.trace}, k.disseminator, k.claim.id, k.claim.id)
		case k.moved.again != 0 && c.now.Mono >= k.moved.again:
			k.moved.again = 0
			c.tryAdmit(k)
		}
	}
}

// asleep: the contact is a live member already.
func (c *Core) asleep(k *contact) bool {
	if k.member == "" || !k.hidden {
		return false
	}
	row, _ := c.table.get(k.member)
	return row.State.Live()
}

func (c *Core) contactDeadline() time.Duration {
	next := never
	if c.farewell.started {
		return next
	}
	for _, k := range c.contacts {
		if !c.asleep(k) && k.sync == 0 {
			next = min(next, k.nextTry)
		}
		if !k.static && len(k.joiners) == 0 {
			next = min(next, k.expires)
		}
		if k.moved.again != 0 {
			next = min(next, k.moved.again)
		}
		for _, j := range k.joiners {
			next = min(next, j.until)
		}
	}
	return next
}

// contactReached: the own detector has met somebody at a detector port.
func (c *Core) contactReached(in ContactReached) {
	r := in.Responder
	k := c.contactAt(in.Address)
	if row, known := c.table.get(r.ID); known && row.State == swim.Suspect && identityOf(row) == identityOf(r) && !isHalf(row) {
		c.suspectAnswered(r.ID, in.Trace) // it was asked for the last time, or has answered late
		return
	}
	switch {
	case r.ID == "": // its detector has not met its disseminator, or is of the seed's family
		if k != nil {
			k.expires = c.now.Mono + introducedLife
		}
		return
	case r.ID == c.cfg.Self.ID:
		c.metMyselfAt(k, r, in.Trace)
		return
	case k == nil:
		r.DetectorAddress = in.Address
		if k = c.introduce(r, in.Trace); k == nil {
			return
		}
	}
	k.detector, k.missed, k.trace = identityOf(r), 0, in.Trace
	if k.disseminator != r.DisseminatorAddress {
		k.disseminator, k.nextTry = r.DisseminatorAddress, c.now.Mono
	}
	if k.hidden && !c.resolveIfMember(k) {
		c.renew(k, r, in.Trace) // somebody new answers where a member is known
	}
	c.tryAdmit(k)
}

func (c *Core) contactMissed(in ContactMissed) {
	if k := c.contactAt(in.Address); k != nil {
		k.missed = in.Evidence
	}
}

// contactSynced is the outcome of a Sync with a contact's disseminator.
func (c *Core) contactSynced(k *contact, in SyncEnded) {
	if k.sync != in.Number || !slices.Contains(c.contacts, k) {
		return // met by another way, or dropped, meanwhile
	}
	k.sync = 0
	k.nextTry = c.now.Mono + c.jitter(k.backoff)
	k.backoff = min(2*k.backoff, contactBackoffMax)
	switch {
	case in.Evidence != swim.Acked:
		k.record = swim.Member{}
		if k.member != "" && len(k.joiners) == 0 {
			c.hide(k) // it was a member; there is nobody to meet any more
		}
	case in.Responder.ID == c.cfg.Self.ID:
		c.metMyselfAt(k, in.Responder, k.trace)
	case in.Responder.State == swim.Alive:
		k.record = in.Responder
		if !c.resolveIfMember(k) {
			c.show(k)
			c.tryAdmit(k)
		}
	}
}

// metMyselfAt: the address is this node's own, or that of another process with its id.
func (c *Core) metMyselfAt(k *contact, r swim.Member, trace swim.TraceID) {
	if r.Instance != c.self().Instance {
		c.idIsHeld(r, trace)
	} else if k != nil {
		c.answerJoiners(k, r)
		c.removeContact(k)
	}
}

// tryAdmit makes the contact a member if both its ports have been met as one node, and
// nobody else is that node.
func (c *Core) tryAdmit(k *contact) {
	r := k.record
	if c.resolveIfMember(k) || r.ID == "" || identityOf(r) != k.detector || r.State != swim.Alive {
		return
	}
	row, known := c.table.get(r.ID)
	switch {
	case known && !swim.Supersedes(r, row):
		k.nextTry = min(k.nextTry, c.now.Mono+contactBackoff) // it has seen what to outbid
		return
	case known && row.State.Live() && !row.SameAddresses(r) && !c.oldAddressSilent(k, row):
		return
	case !known && len(c.table.rows) >= maxMembers:
		c.refuseContact(k, Refusal{RefusedFull, fmt.Sprintf("the table is full with %d members", maxMembers)})
		return
	}
	c.do(Event{Kind: ContactMet, Member: r.ID, Detail: "at " + string(r.DetectorAddress) + " and " + string(r.DisseminatorAddress), Trace: k.trace})
	c.apply(r, k.trace)
	c.broadcast(r.ID, k.trace)
	c.resolve(k, r)
}

// resolveIfMember ends the meeting if either port said that it is of a live member: another
// name of an address that is known.
func (c *Core) resolveIfMember(k *contact) bool {
	for _, met := range []identity{k.detector, identityOf(k.record)} {
		if met.id == k.claim.id && met.instance != k.claim.instance {
			continue // its detector, or an old answer, still speaks for the former life
		}
		row, known := c.table.get(met.id)
		if known && row.State.Live() && identityOf(row) == met {
			c.resolve(k, row)
			return true
		}
	}
	return false
}

// resolve ends the meeting of a contact that is a live member now.
func (c *Core) resolve(k *contact, m swim.Member) {
	c.answerJoiners(k, m)
	k.member = m.ID
	k.detector, k.record, k.moved, k.claim = identity{}, swim.Member{}, movedCheck{}, identity{}
	if !k.static {
		c.removeContact(k)
	} else {
		c.hide(k)
	}
}

// answerJoiners admits those who are m, the member that was met at their addresses, and
// tells the others whom they advertise.
func (c *Core) answerJoiners(k *contact, m swim.Member) {
	for _, j := range k.joiners {
		if j.joiner == identityOf(m) {
			c.do(AnswerJoin{Call: j.call, Members: c.joinList(j.joiner.id)})
			continue
		}
		c.do(AnswerJoin{Call: j.call, Refusal: k.notYou(m.ID)})
	}
	k.joiners = nil
}

// notYou tells a joiner that somebody else was met at its addresses.
func (k *contact) notYou(met swim.NodeID) Refusal {
	return Refusal{RefusedUnreachable,
		fmt.Sprintf("at %s and %s I met node %s, not you: %s", k.address, k.disseminator, met, advertiseCure)}
}

// resolveContactsOf ends the meeting of contacts that others have met first.
func (c *Core) resolveContactsOf(m swim.Member) {
	for _, k := range slices.Clone(c.contacts) {
		unclaimed := k.claim == identity{} && k.member != m.ID
		named := k.address == m.DetectorAddress && (unclaimed || k.claim == identityOf(m))
		switch {
		case named || k.detector == identityOf(m) || identityOf(k.record) == identityOf(m):
			c.resolve(k, m)
		case !k.hidden && port(k.address) == port(m.DetectorAddress): // the same node by another name?
			// A Sync that is out was begun when nobody was known to be there: forget it.
			k.sync, k.nextTry, k.backoff = 0, c.now.Mono, contactBackoff
		}
	}
}

func port(a swim.Address) swim.Address { return a[strings.LastIndexByte(string(a), ':')+1:] }

func host(a swim.Address) swim.Address { return a[:max(strings.LastIndexByte(string(a), ':'), 0)] }

// wakeContactsOf has the static addresses of a member that is gone tried again: slowly,
// since whoever starts there calls us first.
func (c *Core) wakeContactsOf(m swim.Member) {
	for _, k := range c.contacts {
		if k.member == m.ID {
			k.backoff = contactBackoffMax
			k.nextTry = c.now.Mono + c.jitter(k.backoff)
		}
	}
}

// hide takes a contact off the list; it is kept, and tried again.
func (c *Core) hide(k *contact) {
	k.moved = movedCheck{} // nobody waits for it any more
	if !k.hidden {
		k.hidden = true
		c.publish(k.shown(), swim.Contact, true)
	}
}

// refuseContact answers the joiners and lets an introduced contact go.
func (c *Core) refuseContact(k *contact, why Refusal) {
	c.do(Event{Kind: ContactRefused, Member: k.claim.id, Detail: why.Text, Trace: k.trace})
	for _, j := range k.joiners {
		if j.joiner == identityOf(k.record) {
			c.do(AnswerJoin{Call: j.call, Refusal: why})
		} else {
			c.do(AnswerJoin{Call: j.call, Refusal: k.notYou(k.record.ID)})
		}
	}
	k.joiners, k.moved = nil, movedCheck{}
	k.nextTry = c.now.Mono + c.jitter(contactBackoffMax)
	if !k.static {
		c.removeContact(k)
	}
}

func (c *Core) removeContact(k *contact) {
	i := slices.Index(c.contacts, k)
	if i < 0 {
		return
	}
	c.contacts = slices.Delete(c.contacts, i, i+1)
	if !k.hidden {
		c.publish(k.shown(), swim.Contact, true)
	}
}
