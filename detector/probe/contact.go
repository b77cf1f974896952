package probe

import (
	"cmp"
	"slices"
	"time"

	"github.com/swimpair/swim/proto/swim"
)

// contact is an address that nobody has met yet. It is pinged until the disseminator
// takes it off the list; being late is no failure.
type contact struct {
	address swim.Address
	ping    PingNumber // 0: none is out
	trace   swim.TraceID
	nextTry time.Duration
	backoff time.Duration
	missed  bool // said already
}

func (c *Core) findContact(address swim.Address) (int, bool) {
	return slices.BinarySearchFunc(c.contacts, address, func(k contact, a swim.Address) int {
		return cmp.Compare(k.address, a)
	})
}

func (c *Core) addContact(address swim.Address) {
	if i, found := c.findContact(address); !found {
		c.contacts = slices.Insert(c.contacts, i, contact{address: address, nextTry: c.now.Mono, backoff: contactBackoff})
	}
}

// wakeContact has a contact tried at once that is told of again: somebody has called.
func (c *Core) wakeContact(address swim.Address) {
	if i, found := c.findContact(address); found {
		c.contacts[i].nextTry, c.contacts[i].backoff = c.now.Mono, contactBackoff
	}
}

func (c *Core) removeContact(address swim.Address) {
	if i, found := c.findContact(address); found {
		if c.contacts[i].ping != 0 {
			c.contactPings--
		}
		c.contacts = slices.Delete(c.contacts, i, i+1)
	}
}

// keepContacts makes the list equal to addresses.
func (c *Core) keepContacts(addresses []swim.Address) {
	for _, k := range slices.Clone(c.contacts) {
		if !slices.Contains(addresses, k.address) {
			c.removeContact(k.address)
		}
	}
	for _, address := range addresses {
		c.addContact(address)
	}
}

func (c *Core) pingDueContacts() {
	for i := range c.contacts {
		k := &c.contacts[i]
		if c.stopping || c.contactPings >= maxContactPings {
			return
		}
		if k.ping == 0 && c.now.Mono >= k.nextTry {
			c.contactPings++
			k.ping, k.trace = c.newPing(), c.newTrace()
			c.do(Ping{Number: k.ping, Address: k.address, Timeout: c.cfg.ProbeTimeout, Trace: k.trace})
		}
	}
}

// contactPingEnded reports whether the ping was one of a contact.
func (c *Core) contactPingEnded(in PingEnded) bool {
	i := slices.IndexFunc(c.contacts, func(k contact) bool { return k.ping != 0 && k.ping == in.Number })
	if i < 0 {
		return false
	}
	k := &c.contacts[i]
	k.ping = 0
	c.contactPings--
	k.nextTry = c.now.Mono + k.backoff/2 + time.Duration(c.rng.Int64N(int64(k.backoff)))
	k.backoff = min(2*k.backoff, contactBackoffMax)
	if in.Evidence == swim.Acked {
		c.contactReached(k, in.Responder)
	} else {
		c.contactMissed(k, in)
	}
	return true
}

func (c *Core) contactReached(k *contact, responder swim.Member) {
	k.missed = false
	c.do(Event{Kind: ContactReached, Member: responder.ID, Address: k.address, Trace: k.trace})
	c.do(ReportReached{Address: k.address, Responder: responder, Trace: k.trace})
}

func (c *Core) contactMissed(k *contact, in PingEnded) {
	if !k.missed {
		k.missed = true
		e := Event{Kind: ContactMissed, Address: k.address, Detail: in.Evidence.String(), Trace: k.trace}
		if in.Evidence == swim.WrongTarget {
			e.Kind, e.Detail = ContactWrong, in.Why
		}
		c.do(e)
	}
	c.do(ReportMissed{Address: k.address, Evidence: in.Evidence, Trace: k.trace})
}

func (c *Core) contactDeadline() time.Duration {
	next := never
	if c.stopping || c.contactPings >= maxContactPings {
		return next // the next ping to end makes room
	}
	for _, k := range c.contacts {
		if k.ping == 0 {
			next = min(next, k.nextTry)
		}
	}
	return next
}
