package probe_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/swimpair/swim/detector/probe"
	"github.com/swimpair/swim/proto/swim"
)

// The node under test, and the times that most tests run with.
const (
	me      = swim.NodeID("1")
	period  = time.Second
	timeout = 300 * time.Millisecond
	rest    = period - timeout // of the period, for the proxies
	latency = time.Millisecond
)

func config() probe.Config {
	return probe.Config{
		Self: me, ProbeInterval: period, ProbeTimeout: timeout, IndirectProbes: 3, Order: probe.Shuffle,
	}
}

// node drives one core in virtual time, as the edge does: it ticks at each deadline and
// brings back what became of the effects.
type node struct {
	t       testing.TB
	core    *probe.Core
	now     swim.Now
	world   world     // who answers; nil: nobody, the test does it by hand
	pending []arrival // what the world will say, in order of time
	ticks   int       // since the clock last moved
	orphan  bool      // no disseminator answers the leases with heartbeats
	warm    bool      // the test wants to see the pings of warm members, and answers them
	last    probe.PingNumber
	again   []probe.Ping // that were sent for the second time; no test sees them among the effects
	after   func(in probe.Input, effects []probe.Effect)
}

// world says what becomes of an effect and how long that takes. A nil input means nothing.
type world func(probe.Effect) (time.Duration, probe.Input)

type arrival struct {
	at time.Duration
	in probe.Input
}

func newNode(t testing.TB, cfg probe.Config, seed uint64) *node {
	now := swim.Now{Mono: time.Hour, Wall: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)}
	return &node{t: t, core: probe.New(cfg, rand.New(rand.NewPCG(seed, 1)), now), now: now}
}

// startNode returns a node with a disseminator, whose table has its own row and these.
func startNode(t testing.TB, others ...swim.Member) *node {
	n := newNode(t, config(), 1)
	n.see(others...)
	return n
}

// see replaces the view by the node's own row and these.
func (n *node) see(others ...swim.Member) []probe.Effect {
	return n.step(probe.ViewReplaced{Members: append([]swim.Member{member(me)}, others...)})
}

// change tells of one changed row.
func (n *node) change(m swim.Member) []probe.Effect { return n.step(probe.ViewChanged{Member: m}) }

// step applies one input now.
func (n *node) step(in probe.Input) []probe.Effect {
	n.t.Helper()
	effects := slices.Clone(n.core.Step(n.now, in))
	for range pick[probe.SendLease](effects) {
		if !n.orphan {
			n.arrange(arrival{n.now.Mono + latency, probe.HeartbeatReceived{}})
		}
	}
	if !n.warm {
		effects = n.meetWarm(effects)
	}
	if n.world != nil {
		for _, e := range effects {
			if wait, in := n.world(e); in != nil {
				n.arrange(arrival{n.now.Mono + wait, in})
			}
		}
	}
	if n.after != nil {
		n.after(in, effects)
	}
	return slices.DeleteFunc(effects, n.isRepeated)
}

// isRepeated notes a ping with a number that has been used.
func (n *node) isRepeated(e probe.Effect) bool {
	p, ok := e.(probe.Ping)
	if ok && p.Number <= n.last {
		n.again = append(n.again, p)
		return true
	}
	n.last = max(n.last, p.Number)
	return false
}

// meetWarm takes the pings of warm members out of the effects, and has them answered, unless
// the world says that they are not.
func (n *node) meetWarm(effects []probe.Effect) []probe.Effect {
	return slices.DeleteFunc(effects, func(e probe.Effect) bool {
		ping, isPing := e.(probe.Ping)
		if !isPing || !ping.Keep {
			_, letGo := e.(probe.LetGo)
			return letGo
		}
		wait, in := latency, probe.Input(ackOn(ping, probe.ConnectionNumber(ping.Number)))
		if n.world != nil {
			if w, said := n.world(e); said != nil {
				if ended := said.(probe.PingEnded); ended.Evidence != swim.Acked {
					wait, in = w, said
				}
			}
		}
		n.arrange(arrival{n.now.Mono + wait, in})
		return true
	})
}

func (n *node) arrange(a arrival) {
	at := len(n.pending)
	for at > 0 && n.pending[at-1].at > a.at {
		at--
	}
	n.pending = slices.Insert(n.pending, at, a)
}

// advance lets d pass and returns everything that was done meanwhile.
func (n *node) advance(d time.Duration) (effects []probe.Effect) {
	n.t.Helper()
	for until := n.now.Mono + d; ; {
		done, ok := n.next(until)
		if !ok {
			return effects
		}
		effects = append(effects, done...)
	}
}

// next moves to the next deadline or arrival, but not beyond until, and handles it. A
// deadline comes first if both are due.
func (n *node) next(until time.Duration) ([]probe.Effect, bool) {
	n.t.Helper()
	deadline := max(n.core.Deadline(), n.now.Mono)
	if len(n.pending) > 0 && n.pending[0].at < deadline {
		if n.pending[0].at > until {
			n.moveTo(until)
			return nil, false
		}
		a := n.pending[0]
		n.pending = slices.Delete(n.pending, 0, 1)
		n.moveTo(a.at)
		return n.step(a.in), true
	}
	if deadline > until {
		n.moveTo(until)
		return nil, false
	}
	n.moveTo(deadline)
	if n.ticks++; n.ticks > 3 {
		n.t.Fatalf("busy loop: tick %d at %s still leaves a deadline of %s", n.ticks, n.now.Mono, n.core.Deadline())
	}
	return n.step(probe.Tick{}), true
}

// stall lets d pass while the process is paused: nobody ticks, nothing arrives.
func (n *node) stall(d time.Duration) { n.moveTo(n.now.Mono + d) }

func (n *node) moveTo(at time.Duration) {
	if at <= n.now.Mono {
		return
	}
	n.now.Wall = n.now.Wall.Add(at - n.now.Mono)
	n.now.Mono, n.ticks = at, 0
}

// nextRound waits for the next protocol period's ping.
func (n *node) nextRound() probe.Ping {
	n.t.Helper()
	for until := n.now.Mono + 2*period; ; {
		effects, ok := n.next(until)
		if !ok {
			n.t.Fatalf("got no round within two periods, want one")
		}
		if pings := targetPings(effects); len(pings) > 0 {
			return pings[0]
		}
	}
}

// roundAbout waits for a round about that member.
func (n *node) roundAbout(id swim.NodeID) probe.Ping {
	n.t.Helper()
	for range 100 {
		ping := n.nextRound()
		if ping.Target == id {
			return ping
		}
		n.step(ack(ping))
	}
	n.t.Fatalf("got no round about %s, want one", id)
	return probe.Ping{}
}

// askProxies lets the direct ping go unanswered and returns what the proxies are asked.
func (n *node) askProxies() []probe.IndirectPing {
	n.t.Helper()
	return pick[probe.IndirectPing](n.advance(timeout))
}

// member is an alive member. Its id gives its addresses and its instance.
func member(id swim.NodeID) swim.Member {
	return swim.Member{
		ID: id, State: swim.Alive, Incarnation: 7, Instance: instanceOf(id),
		DetectorAddress:     swim.Address(fmt.Sprintf("node%s:50050", id)),
		DisseminatorAddress: swim.Address(fmt.Sprintf("node%s:50060", id)),
	}
}

func instanceOf(id swim.NodeID) (i swim.Instance) {
	for _, b := range []byte(id) {
		i = i<<8 | swim.Instance(b)
	}
	return i
}

// members are n alive members, none of them this node.
func members(n int) (all []swim.Member) {
	for i := range n {
		all = append(all, member(swim.NodeID(fmt.Sprint(i+2))))
	}
	return all
}

func contact(address swim.Address) swim.Member {
	return swim.Member{State: swim.Contact, DetectorAddress: address}
}

func in(m swim.Member, s swim.State) swim.Member {
	m.State = s
	return m
}

// ack is the target's own answer to p.
func ack(p probe.Ping) probe.PingEnded {
	return probe.PingEnded{
		Number: p.Number, Evidence: swim.Acked, Responder: swim.Member{ID: p.Target, Instance: p.Instance},
	}
}

// ackOn is one that came on that connection.
func ackOn(p probe.Ping, connection probe.ConnectionNumber) probe.PingEnded {
	in := ack(p)
	in.Connection = connection
	return in
}

// unanswered is how p ends when its time-out is over.
func unanswered(p probe.Ping) probe.PingEnded {
	return probe.PingEnded{Number: p.Number, Evidence: swim.Silent}
}

func proxySays(p probe.IndirectPing, evidence swim.Evidence) probe.IndirectPingEnded {
	return probe.IndirectPingEnded{Number: p.Number, Proxy: p.Proxy.ID, Evidence: evidence}
}

// healthy is a world in which all members answer but the silent ones; proxies nack about
// those at 80 % of what they are given. Contacts are not answered.
func healthy(silent ...swim.NodeID) world {
	return func(e probe.Effect) (time.Duration, probe.Input) {
		switch e := e.(type) {
		case probe.Ping:
			if e.Target == "" || slices.Contains(silent, e.Target) {
				return e.Timeout, unanswered(e)
			}
			return latency, ack(e)
		case probe.IndirectPing:
			switch {
			case slices.Contains(silent, e.Proxy.ID):
				return e.Timeout, proxySays(e, swim.None)
			case slices.Contains(silent, e.Target):
				return e.Timeout * 8 / 10, proxySays(e, swim.Silent)
			}
			return latency, proxySays(e, swim.Acked)
		}
		return 0, nil
	}
}

// dead is a world in which nobody answers.
func dead(e probe.Effect) (time.Duration, probe.Input) {
	switch e := e.(type) {
	case probe.Ping:
		return e.Timeout, unanswered(e)
	case probe.IndirectPing:
		return e.Timeout, proxySays(e, swim.None)
	}
	return 0, nil
}

// pick returns the effects of one type.
func pick[T probe.Effect](effects []probe.Effect) (picked []T) {
	for _, e := range effects {
		if e, ok := e.(T); ok {
			picked = append(picked, e)
		}
	}
	return picked
}

// only returns the one effect of its type.
func only[T probe.Effect](t testing.TB, effects []probe.Effect) T {
	t.Helper()
	picked := pick[T](effects)
	if len(picked) != 1 {
		var none T
		t.Fatalf("got %d effects %T, want one; all of them: %+v", len(picked), none, effects)
	}
	return picked[0]
}

// none fails the test if there are effects of that type.
func none[T probe.Effect](t testing.TB, effects []probe.Effect, why string) {
	t.Helper()
	if picked := pick[T](effects); len(picked) > 0 {
		t.Errorf("got %T %+v, want none: %s", picked[0], picked[0], why)
	}
}

// targetPings are the pings of members; contactPings those of contacts.
func targetPings(effects []probe.Effect) []probe.Ping {
	return slices.DeleteFunc(pick[probe.Ping](effects), func(p probe.Ping) bool { return p.Target == "" })
}

// rounds are the pings of members that start a protocol period's round.
func rounds(effects []probe.Effect) []probe.Ping {
	return slices.DeleteFunc(targetPings(effects), func(p probe.Ping) bool { return p.Timeout != period*95/100 })
}

// digestOf a view with these members, that has not changed for so long.
func digestOf(age time.Duration, members ...swim.Member) swim.Digest {
	d := swim.Digest{Age: age}
	for _, m := range members {
		d.Hash += swim.DigestOf(m)
	}
	return d
}

func contactPings(effects []probe.Effect) []probe.Ping {
	return slices.DeleteFunc(pick[probe.Ping](effects), func(p probe.Ping) bool { return p.Target != "" })
}

func targets(effects []probe.Effect) (ids []swim.NodeID) {
	for _, p := range targetPings(effects) {
		ids = append(ids, p.Target)
	}
	return ids
}

func events(effects []probe.Effect, kind probe.EventKind) []probe.Event {
	return slices.DeleteFunc(pick[probe.Event](effects), func(e probe.Event) bool { return e.Kind != kind })
}

// told fails the test unless there is exactly one event of that kind.
func told(t testing.TB, effects []probe.Effect, kind probe.EventKind) probe.Event {
	t.Helper()
	of := events(effects, kind)
	if len(of) != 1 {
		t.Fatalf("got %d events %s, want one; effects: %+v", len(of), kind, effects)
	}
	return of[0]
}
