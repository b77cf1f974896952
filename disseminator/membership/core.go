package membership

import (
	"math"
	"math/rand/v2"
	"time"

	"github.com/swimpair/swim/proto/swim"
)

// never is a deadline that does not come.
const never = time.Duration(math.MaxInt64)

// Core is the disseminator's machine. Not safe for concurrent use: one goroutine owns it.
type Core struct {
	cfg     Config
	rng     *rand.Rand
	now     swim.Now
	effects []Effect

	deadline time.Duration

	started     swim.Now
	table       table
	own         swim.Member // this node's row of it
	hash        uint64      // of the table's digest
	hashSince   time.Duration
	revision    uint64
	peers       []peer // ordered by id
	relays      []relay
	lateHeads   []lateHead
	errands     []errand
	contacts    []*contact
	accusations []accusation
	suspicions  []suspicion // ordered by id
	crashes     []crashCase
	announced   []announcement // oldest first
	refutations []refutation
	late        []lateness
	tombstones  []tombstone // ordered by age
	defence     defence
	health      health
	pair        pair
	pause       pause
	comeback    comeback
	join        joiner
	farewell    farewell
	syncs       map[CallNumber]syncCall

	// admitted: some other node has this node's record, of this instance, in its table.
	admitted bool
	lastCall CallNumber
	mending  CallNumber // the comparison of the whole table that is out; 0: none
	nextSync time.Duration
	syncFrom swim.NodeID // where the next page of the slow net starts
	nextHeal time.Duration
	healed   swim.NodeID // the failed member that was tried last

	nextSweep time.Duration

	cutOff bool // most members are suspect together
}

// New returns a core that knows itself, its contacts and its bootstrap addresses.
func New(cfg Config, rng *rand.Rand, now swim.Now) *Core {
	c := &Core{cfg: cfg, rng: rng, now: now, started: now, table: table{share: cfg.Share}, syncs: map[CallNumber]syncCall{}}
	self := cfg.Self.Clone()
	self.State, self.Reason = swim.Alive, swim.Joined
	self.Incarnation = swim.FirstIncarnation(now.Wall.UnixMilli())
	c.apply(self, swim.TraceID{})
	for _, address := range cfg.Contacts {
		c.addContact(&contact{address: address, static: true})
	}
	c.pair = pair{nextBeat: now.Mono, silentAt: now.Mono + self.ProbeInterval}
	c.join = joiner{met: map[swim.Address]swim.NodeID{}, deadline: now.Mono}
	c.nextSync = now.Mono + c.jitter(c.syncInterval())
	c.nextHeal = now.Mono + c.jitter(healInterval)
	c.nextSweep = now.Mono + sweepInterval
	c.effects = nil // nobody watches yet: the snapshot has it all
	c.deadline = c.nextDeadline()
	return c
}

// Step applies one input and returns what to do, in order. The slice is valid until the
// next Step.
func (c *Core) Step(now swim.Now, in Input) []Effect {
	late := now.Mono - c.deadline
	clear(c.effects) // let go of what they refer to
	c.now, c.effects = now, c.effects[:0]
	c.noticePause(late)
	switch in := in.(type) {
	case Tick:
	case NewsReceived:
		c.newsReceived(in)
	case BareAccusationReceived:
		c.bareAccusationReceived(in)
	case JoinReceived:
		c.joinReceived(in)
	case SyncReceived:
		c.syncReceived(in)
	case PingMissed:
		c.pingMissed(in)
	case TargetUnreachable:
		c.targetUnreachable(in)
	case SuspectHeard:
		c.suspectHeard(swim.Confirmation{ID: in.Suspect, Incarnation: in.Incarnation, Instance: in.Instance}, "its detector has called", in.Trace)
	case ViewsDiffer:
		c.viewsDiffer(in)
	case ContactReached:
		c.contactReached(in)
	case ContactMissed:
		c.contactMissed(in)
	case LeaseReceived:
		c.leaseReceived(in)
	case DetectorDetached:
		c.detectorDown(in.Why)
	case KnockEnded:
		c.knockEnded(in)
	case NewsEnded:
		c.newsEnded(in)
	case SyncEnded:
		c.syncEnded(in)
	case JoinEnded:
		c.joinEnded(in)
	case LeaveRequested:
		c.leave(in.Call)
	case ForgetRequested:
		c.forget(in)
	case TagsRequested:
		c.setTags(in)
	case StopRequested:
		c.stopRequested()
	}
	c.runDue()
	c.deadline = c.nextDeadline()
	return c.taken()
}

// taken is the list of effects. The next step uses its room again, unless a table has come or
// gone out with this one: that much is not kept for ever.
func (c *Core) taken() []Effect {
	const kept = 64
	effects := c.effects
	if cap(effects) > kept {
		c.effects = nil
	}
	return effects
}

// runDue does whatever the clock, or the input just applied, has made due.
func (c *Core) runDue() {
	c.watchDetector()
	c.answerOverdueAccusers()
	c.runAccusations()
	c.runCrashes()
	c.runSuspicions()
	c.watchSharedFate()
	c.sweepTombstones()
	c.runContacts()
	c.runJoin()
	c.runSync()
	c.flushRelays()
	c.flushPeers()
	c.runErrands()
	c.runFarewell()
}

// Deadline is the time, on the Mono scale, at which the core wants a Tick.
func (c *Core) Deadline() time.Duration { return c.deadline }

func (c *Core) nextDeadline() time.Duration {
	return min(c.pair.deadline(), c.defence.deadline(), c.contactDeadline(), c.join.next(),
		c.accusationDeadline(), c.crashDeadline(), c.suspicionDeadline(), c.nextSync, c.nextHeal, c.peerDeadline(), c.errandDeadline(),
		c.nextSweep, c.farewell.deadline())
}

// Snapshot is a copy of what the core knows.
type Snapshot struct {
	Self         swim.Member
	Members      []swim.Member // ordered by id, this node's own row included
	Contacts     []swim.Member // ordered by address
	Revision     uint64
	Digest       swim.Digest
	DetectorDown string // why, or empty
	// PartitionSuspected: most members are suspect together, so that this node may be the
	// one that is cut off.
	PartitionSuspected bool
}

// Snapshot returns a copy that shares nothing that changes.
func (c *Core) Snapshot() Snapshot {
	return Snapshot{
		Self: c.self(), Members: values(c.table.shown()), Contacts: c.Contacts(),
		Revision: c.revision, Digest: c.digest(), DetectorDown: c.pair.down, PartitionSuspected: c.cutOff,
	}
}

// Rows are the Members of a Snapshot, not copied: they must not be changed.
func (c *Core) Rows() []*swim.Member { return c.table.shown() }

// Row is this core's record of one member.
func (c *Core) Row(id swim.NodeID) (row swim.Member, known bool) { return c.table.get(id) }

func (c *Core) do(e Effect) { c.effects = append(c.effects, e) }

// self is this node's own row.
func (c *Core) self() swim.Member { return c.own }

func (c *Core) interval() time.Duration { return c.cfg.Self.ProbeInterval }

func (c *Core) newCall() CallNumber {
	c.lastCall++
	return c.lastCall
}

func (c *Core) newTrace() (trace swim.TraceID) {
	for i := range trace {
		trace[i] = byte(c.rng.Uint32())
	}
	return trace
}

// jitter spreads d over [d/2, 3d/2), so that nodes started together drift apart.
func (c *Core) jitter(d time.Duration) time.Duration {
	return d/2 + time.Duration(c.rng.Int64N(int64(d)))
}
