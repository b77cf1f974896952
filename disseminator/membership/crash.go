package membership

import (
	"slices"
	"time"

	"github.com/swimpair/swim/proto/swim"
)

// A crash is known faster than any silence: the kernel of the dead process says it. It is
// believed at once, without a suspicion, and so only if nothing speaks against it:
//
//	A's detector ->[B: crash seen]-> A's disseminator   its connection was closed, two fresh ones refused
//	A ->[knock]-> B's disseminator   refused            the other half is gone as well
//	A ->[confirmation: crash seen]-> B's first observers, of which W has found the same
//	A ->[B failed: crashed]-> everybody
//
// B must have said that its address is its own: a port forwarder or a service address refuses
// for hosts that are well. Nothing may have been heard of B since; if something was, its port
// has to refuse anew. Whatever is missing, the finding is one like any other, and the accused
// is asked.
const (
	// crashPatience is how long a finding waits for what would complete it.
	crashPatience = 250 * time.Millisecond
	// The disseminator's port is tried again after knockBackoff, doubled each time, while the
	// case is open: the halves of a node need not die together.
	knockBackoff = 25 * time.Millisecond
	knockTimeout = 200 * time.Millisecond
	// crashMemory is how long a case stays open, for what comes late.
	crashMemory = 5 * time.Second
	// maxCrashCases bounds what others can have this node remember.
	maxCrashCases = 1024
)

// crashCase is what speaks for the crash of one life of one member.
type crashCase struct {
	of        identity
	opened    time.Duration
	finding   TargetUnreachable // of the own detector
	seen      bool              // there is one
	undecided bool              // it has not been treated as any other yet
	decideAt  time.Duration     // when it will be
	knock     CallNumber        // 0: none is out
	knockAt   time.Duration
	backoff   time.Duration
	refused   bool          // its disseminator's port refuses
	witnesses []swim.NodeID // who have found the same
	readyAt   time.Duration // since when nothing is missing; 0: something is
	trace     swim.TraceID
}

func (c *Core) crashCaseOf(of identity) *crashCase {
	if i := slices.IndexFunc(c.crashes, func(k crashCase) bool { return k.of == of }); i >= 0 {
		return &c.crashes[i]
	}
	return nil
}

// openCrashCase returns the case of one life, or nil if there are too many.
func (c *Core) openCrashCase(of identity, trace swim.TraceID) *crashCase {
	if k := c.crashCaseOf(of); k != nil {
		return k
	}
	if len(c.crashes) >= maxCrashCases {
		return nil
	}
	c.crashes = append(c.crashes, crashCase{of: of, opened: c.now.Mono, backoff: knockBackoff, trace: trace})
	return &c.crashes[len(c.crashes)-1]
}

// crashFound takes in what the own detector has seen. It reports false if that is a finding
// like any other.
func (c *Core) crashFound(row swim.Member, in TargetUnreachable) bool {
	if !in.CrashSeen || !c.cfg.CrashVerdict || !row.OwnAddress || !row.State.Live() || row.Instance != in.Instance {
		return false
	}
	if c.farewell.started || c.isUnwell() || row.ID == c.cfg.Self.ID {
		return false
	}
	k := c.openCrashCase(identityOf(row), in.Trace)
	if k == nil || k.seen {
		return k != nil
	}
	k.finding, k.seen, k.trace, k.opened = in, true, in.Trace, c.now.Mono
	k.undecided, k.decideAt, k.knockAt = true, c.now.Mono+crashPatience, c.now.Mono
	return true
}

// crashWitnessed: another node has found the same.
func (c *Core) crashWitnessed(by swim.NodeID, found swim.Confirmation, trace swim.TraceID) {
	row, known := c.table.get(found.ID)
	witness, knownBy := c.table.get(by)
	switch {
	case !known || !row.State.Live() || row.Instance != found.Instance || by == found.ID || row.ID == c.cfg.Self.ID:
	case !knownBy || !witness.State.Live() || by == c.cfg.Self.ID || c.isIgnored(by):
	default:
		if k := c.openCrashCase(identityOf(row), trace); k != nil && !slices.Contains(k.witnesses, by) {
			k.witnesses = append(k.witnesses, by)
		}
	}
}

// runCrashes knocks at the other half, decides what is complete, and hands over what will not
// be.
func (c *Core) runCrashes() {
	c.crashes = slices.DeleteFunc(c.crashes, func(k crashCase) bool {
		row, _ := c.table.get(k.of.id)
		return row.Instance != k.of.instance || c.now.Mono-k.opened >= crashMemory || c.farewell.started
	})
	for i := range c.crashes {
		k := &c.crashes[i]
		row, _ := c.table.get(k.of.id)
		if !k.seen || !row.State.Live() {
			continue
		}
		if k.knock == 0 && !k.refused && c.now.Mono >= k.knockAt {
			k.knock = c.newCall()
			c.do(Knock{Number: k.knock, Address: row.DisseminatorAddress, Timeout: knockTimeout})
		}
		c.judgeCrash(k, row)
	}
}

// judgeCrash fails the member if nothing is missing. Whoever ranks lowest does it first, so
// that one broadcast is enough.
func (c *Core) judgeCrash(k *crashCase, row swim.Member) {
	others := c.table.live(row.ID) - 1
	if k.readyAt == 0 && k.refused && (len(k.witnesses) > 0 || others <= 0) {
		k.readyAt = c.now.Mono + time.Duration(swim.RankAmong(c.observers(""), c.cfg.Self.ID, row.ID))*rankDelay
	}
	switch {
	case k.readyAt != 0 && c.now.Mono >= k.readyAt:
		k.undecided = false
		row.State, row.Reason, row.Accuser = swim.Failed, swim.Crashed, c.cfg.Self.ID
		c.apply(row, k.trace)
		c.broadcast(row.ID, k.trace)
	case k.undecided && c.now.Mono >= k.decideAt:
		c.treatAsAnyOther(k)
	}
}

func (c *Core) treatAsAnyOther(k *crashCase) {
	k.undecided = false
	finding := k.finding
	finding.CrashSeen = false
	c.targetUnreachable(finding)
}

func (c *Core) knockEnded(in KnockEnded) {
	i := slices.IndexFunc(c.crashes, func(k crashCase) bool { return k.knock != 0 && k.knock == in.Number })
	if i < 0 {
		return
	}
	k := &c.crashes[i]
	k.knock = 0
	if in.Evidence != swim.Refused { // it takes connections, or says nothing
		k.knockAt, k.backoff = c.now.Mono+k.backoff, 2*k.backoff
		if k.undecided {
			c.treatAsAnyOther(k)
		}
		return
	}
	k.refused = true
	c.do(Event{Kind: CrashFound, Member: k.of.id, Trace: k.trace, Detail: "both its halves refuse connections"})
	c.tellObservers(k)
}

// tellObservers sends what was found to the member's first observers.
func (c *Core) tellObservers(k *crashCase) {
	observers := slices.DeleteFunc(c.observers(k.of.id), func(id swim.NodeID) bool { return id == c.cfg.Self.ID })
	swim.SortByRank(observers, k.of.id)
	for _, id := range observers[:min(len(observers), rankedObservers)] {
		c.tell(id, news{about: k.of.id, kind: crashSeen, trace: k.trace})
	}
}

// signOfLife takes the worth out of refusals that came before it.
func (c *Core) signOfLife(id swim.NodeID) {
	c.knockAnew(func(k crashCase) bool { return k.of.id == id })
}

// knockAnew has the port refuse once more before a case is decided. A pause of this process
// needs no more than that: what is refused is no silence.
func (c *Core) knockAnew(which func(crashCase) bool) {
	for i := range c.crashes {
		k := &c.crashes[i]
		if !which(*k) {
			continue
		}
		if k.refused || k.knock != 0 {
			k.knockAt, k.backoff = c.now.Mono+k.backoff, 2*k.backoff
		}
		k.refused, k.readyAt, k.knock = false, 0, 0
	}
}

// followCrash keeps the cases in step with the table: called with each new row. A member that
// says that it lives has not crashed; one that says anything else of itself was there when it
// said so, and its port has to refuse anew.
func (c *Core) followCrash(before, row swim.Member) {
	if row.Incarnation == before.Incarnation || row.Instance != before.Instance {
		return
	}
	if row.State == swim.Alive {
		c.crashes = slices.DeleteFunc(c.crashes, func(k crashCase) bool { return k.of == identityOf(row) })
		return
	}
	c.signOfLife(row.ID)
}

func (c *Core) crashDeadline() time.Duration {
	next := never
	for i := range c.crashes {
		k := &c.crashes[i]
		row, _ := c.table.get(k.of.id)
		next = min(next, k.opened+crashMemory)
		if !k.seen || !row.State.Live() {
			continue
		}
		if k.knock == 0 && !k.refused {
			next = min(next, k.knockAt)
		}
		if k.readyAt != 0 {
			next = min(next, k.readyAt)
		}
		if k.undecided {
			next = min(next, k.decideAt)
		}
	}
	return next
}
