package probe

import (
	"fmt"
	"math"
	"math/rand/v2"
	"time"

	"github.com/swimpair/swim/proto/swim"
)

// never is a deadline that does not come.
const never = time.Duration(math.MaxInt64)

// Core is the detector's machine. Not safe for concurrent use: one goroutine owns it.
type Core struct {
	cfg     Config
	rng     *rand.Rand
	now     swim.Now
	effects []Effect

	deadline  time.Duration
	started   swim.Now
	wallAhead time.Duration // of Mono since the start, when the core was stepped last

	view     view
	own      swim.Member // this node's row of it; zero before it has come
	order    order
	round    round
	urgent   []urgentPing
	checks   []check
	hinted   []swim.NodeID // members whose turn is brought forward
	late     []latePing
	heard    []swim.Summary // the suspects that were reported as heard
	digest   digest
	health   health
	rtt      rtt
	orphan   orphan
	contacts []contact // ordered by address
	proxied  []proxiedPing
	pair     pair

	warm          []warmMember
	ringChanged   bool // since warm was made
	acquaintances []acquaintance

	lastPing     PingNumber
	nextPeriod   time.Duration
	contactPings int // pings of contacts that are out
	stopping     bool
}

// New returns a core whose first protocol period starts within one ProbeInterval of now,
// at a random phase, so that nodes started together do not ping in step.
func New(cfg Config, rng *rand.Rand, now swim.Now) *Core {
	c := &Core{cfg: cfg, rng: rng, now: now, started: now, view: view{share: cfg.Share}, rtt: newRTT(cfg.ProbeTimeout)}
	c.order = newOrder(&c.cfg, rng)
	c.nextPeriod = now.Mono + time.Duration(rng.Int64N(int64(cfg.ProbeInterval)))
	c.pair = pair{nextLease: now.Mono, silentAt: now.Mono + cfg.ProbeInterval}
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
	c.rtt.late(late)
	switch in := in.(type) {
	case Tick:
	case ViewReplaced:
		c.replaceView(in.Members)
	case ViewChanged:
		c.changeView(in)
	case HeartbeatReceived:
		c.heartbeatReceived(in)
	case DisseminatorLost:
		c.disseminatorDown(in.Why)
	case PingEnded:
		c.pingEnded(in)
	case IndirectPingEnded:
		c.indirectPingEnded(in)
	case KnockEnded:
		c.knockEnded(in)
	case ConnectionClosed:
		c.connectionClosed(in)
	case PingReceived:
		c.answerPing(in)
	case IndirectPingReceived:
		c.pingAsProxy(in)
	case Stopping:
		c.stopping = true
		c.round.phase = over
		c.lease()
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

// runDue does whatever the clock has made due, whichever input brought the news.
func (c *Core) runDue() {
	c.watchDisseminator()
	c.answerOverdueProxied()
	c.knock()
	c.advanceRound()
	c.sendUrgentPings()
	c.keepWarm()
	c.meetWarmMembers()
	c.tellObservers()
	c.pingDueContacts()
}

// tolerance is how late this process may act on a deadline before it counts as stalled,
// and so as no judge of others: half of what the proxies are given.
func (c *Core) tolerance() time.Duration { return c.proxyTime() / 2 }

// noticePause looks for a gap: a deadline met late (stopped, or starved), or a wall clock
// that ran on while Mono stood still (a suspended machine). A wall clock that was set
// forward looks the same; since no timer follows it, it costs one round.
func (c *Core) noticePause(late time.Duration) {
	ahead := c.now.Wall.Sub(c.started.Wall) - (c.now.Mono - c.started.Mono)
	suspended := ahead - c.wallAhead
	c.wallAhead = ahead
	switch {
	case late > c.tolerance():
		// The other half gets its time anew: what it has said meanwhile comes right after this.
		c.pair.silentAt = max(c.pair.silentAt+late, c.now.Mono+c.cfg.ProbeInterval/2)
		c.stalled(late)
	case suspended > c.tolerance():
		c.stalled(suspended)
	}
}

// stalled: this process did not run for a while, so that it is no wonder if it has heard
// nobody. What is open is dropped. A refusal is no silence; it only has to be a fresh one.
func (c *Core) stalled(late time.Duration) {
	c.urgent, c.health.rounds = nil, nil
	c.knockAnew(func(check) bool { return true })
	if c.round.phase == over {
		return
	}
	c.round.phase = over
	c.do(Event{
		Kind: RoundDropped, Member: c.round.target.ID, Trace: c.round.trace,
		Detail: fmt.Sprintf("this process was stalled for %s; no verdict", late.Round(time.Millisecond)),
	})
}

// Deadline is the time, on the Mono scale, at which the core wants a Tick.
func (c *Core) Deadline() time.Duration { return c.deadline }

func (c *Core) nextDeadline() time.Duration {
	return min(c.pair.deadline(), c.round.deadline(), c.nextPeriod, c.urgentDeadline(), c.orphanDeadline(),
		c.contactDeadline(), c.proxiedDeadline(), c.checkDeadline(), c.warmDeadline())
}

// Snapshot is a copy of what the core knows, for a person to look at.
type Snapshot struct {
	Self             swim.Member
	Members          []swim.Member // ordered by id, this node's own row included
	Contacts         []swim.Address
	DisseminatorDown string // why, or empty
}

// Snapshot returns a copy that shares nothing that changes.
func (c *Core) Snapshot() Snapshot {
	s := Snapshot{Self: c.self(), Members: c.view.copy(), DisseminatorDown: c.pair.down}
	for _, contact := range c.contacts {
		s.Contacts = append(s.Contacts, contact.address)
	}
	return s
}

func (c *Core) do(e Effect) { c.effects = append(c.effects, e) }

// ping asks a member, and says how this node is.
func (c *Core) ping(number PingNumber, to swim.Member, timeout, lateFor time.Duration, trace swim.TraceID) {
	c.do(c.pingOf(number, to, timeout, lateFor, trace))
}

func (c *Core) pingOf(number PingNumber, to swim.Member, timeout, lateFor time.Duration, trace swim.TraceID) Ping {
	return Ping{
		Number: number, Address: to.DetectorAddress, Target: to.ID, Instance: to.Instance,
		SenderInstance: c.self().Instance, DisseminatorDown: c.pair.down != "", Digest: c.ownDigest(),
		Timeout: timeout, LateFor: lateFor, Trace: trace,
	}
}

func (c *Core) newPing() PingNumber {
	c.lastPing++
	return c.lastPing
}

func (c *Core) newTrace() (trace swim.TraceID) {
	for i := range trace {
		trace[i] = byte(c.rng.Uint32())
	}
	return trace
}
