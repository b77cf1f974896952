package probe_test

import (
	"slices"
	"testing"
	"time"

	"github.com/swimpair/swim/detector/probe"
	"github.com/swimpair/swim/proto/swim"
)

// audit follows one core with a model of its own, and fails the test at the first step
// that breaks a promise of the package.
type audit struct {
	t   testing.TB
	n   *node
	cfg probe.Config

	started  time.Duration
	rows     map[swim.NodeID]swim.Member
	contacts map[swim.Address]probe.PingNumber // the ping that is out, or 0
	stopping bool
	calls    map[probe.Call]time.Duration // IndirectPingReceived, and when the answer is due
	last     probe.PingNumber

	rounds     int
	ping       probe.Ping // of the latest round
	pingAt     time.Duration
	again      bool          // it was sent once more
	missedAt   time.Duration // when its proxies were asked
	acked      bool
	judged     bool
	endedPaths []swim.NodeID
	urgent     map[swim.TraceID]swim.NodeID // pings out of turn
	differed   map[swim.NodeID]time.Duration
}

func newAudit(t testing.TB, n *node, cfg probe.Config) *audit {
	a := &audit{
		t: t, n: n, cfg: cfg, started: n.now.Mono,
		rows:     map[swim.NodeID]swim.Member{},
		contacts: map[swim.Address]probe.PingNumber{},
		calls:    map[probe.Call]time.Duration{},
		urgent:   map[swim.TraceID]swim.NodeID{},
		differed: map[swim.NodeID]time.Duration{},
	}
	n.after = a.step
	return a
}

func (a *audit) step(in probe.Input, effects []probe.Effect) {
	a.t.Helper()
	if limit := 300 + 4*len(a.rows); len(effects) > limit {
		a.t.Fatalf("got %d effects of one %T, want at most %d", len(effects), in, limit)
	}
	a.learn(in)
	for _, e := range effects {
		a.check(in, e)
	}
	if in, ok := in.(probe.PingReceived); ok {
		if got := only[probe.AnswerPing](a.t, effects); got.Call != in.Call {
			a.t.Fatalf("got an answer to call %d, want %d", got.Call, in.Call)
		}
	} else {
		none[probe.AnswerPing](a.t, effects, "nobody asked")
	}
	for call, due := range a.calls {
		if a.n.now.Mono > due {
			a.t.Fatalf("indirect ping %d is unanswered %s after its budget", call, a.n.now.Mono-due)
		}
	}
	if deadline := a.n.core.Deadline(); deadline <= a.n.now.Mono {
		a.t.Fatalf("after %T at %s: got a deadline of %s, want one in the future", in, a.n.now.Mono, deadline)
	}
}

// learn applies the input to the model.
func (a *audit) learn(in probe.Input) {
	switch in := in.(type) {
	case probe.ViewReplaced:
		before := a.contacts
		a.rows, a.contacts = map[swim.NodeID]swim.Member{}, map[swim.Address]probe.PingNumber{}
		for _, m := range in.Members {
			a.put(m)
			if m.State == swim.Contact {
				a.contacts[m.DetectorAddress] = before[m.DetectorAddress]
			}
		}
	case probe.ViewChanged:
		switch {
		case in.Removed && in.Member.State == swim.Contact:
			delete(a.contacts, in.Member.DetectorAddress)
		case in.Removed:
			delete(a.rows, in.Member.ID)
		default:
			a.put(in.Member)
		}
	case probe.Stopping:
		a.stopping = true
	case probe.IndirectPingReceived:
		a.calls[in.Call] = a.n.now.Mono + max(in.Budget, 0)
	case probe.PingEnded:
		for address, number := range a.contacts {
			if number == in.Number {
				a.contacts[address] = 0
			}
		}
		if in.Number == a.ping.Number {
			a.acked = a.acked || in.Evidence == swim.Acked && isTarget(in.Responder, a.ping)
			a.endedPaths = append(a.endedPaths, "")
		}
	case probe.IndirectPingEnded:
		if in.Number == a.ping.Number {
			a.acked = a.acked || in.Evidence == swim.Acked
			a.endedPaths = append(a.endedPaths, in.Proxy)
		}
	}
}

func (a *audit) put(m swim.Member) {
	if m.State != swim.Contact {
		a.rows[m.ID] = m
	} else if _, known := a.contacts[m.DetectorAddress]; !known {
		a.contacts[m.DetectorAddress] = 0
	}
}

func isTarget(responder swim.Member, p probe.Ping) bool {
	return responder.ID == "" || responder.ID == p.Target && (p.Instance == 0 || p.Instance == responder.Instance)
}

func (a *audit) check(in probe.Input, e probe.Effect) {
	a.t.Helper()
	switch e := e.(type) {
	case probe.ReportPingMissed:
		if row := a.rows[e.Target.ID]; e.Target.ID != a.ping.Target || !row.State.Live() || a.stopping {
			a.t.Fatalf("got an ack of %s (%s) missed, the round is about %s", e.Target.ID, row.State, a.ping.Target)
		}
	case probe.ReportViewsDiffer:
		a.checkDiffer(e)
	case probe.Ping:
		asked, proxied := in.(probe.IndirectPingReceived)
		if e.Number == a.ping.Number {
			a.checkRepeated(e)
			return
		}
		a.checkPing(e)
		if e.Target != "" {
			a.checkDigest(e.Digest)
		}
		switch {
		case e.Target == "":
			a.checkContactPing(e)
		case proxied && e.Trace == asked.Trace:
		case e.DisseminatorDown:
			a.checkOrphanPing(e)
		case e.Timeout == a.cfg.ProbeInterval*95/100:
			a.checkRound(e)
		default:
			a.checkUrgentPing(e)
		}
	case probe.IndirectPing:
		a.checkIndirectPing(e)
	case probe.AnswerIndirectPing:
		if _, open := a.calls[e.Call]; !open {
			a.t.Fatalf("got a second answer to indirect ping %d, or one that nobody wants", e.Call)
		}
		delete(a.calls, e.Call)
	case probe.ReportUnreachable:
		a.checkVerdict(e)
	case probe.Event:
		if e.Kind == probe.PingMissed {
			a.missedAt = a.n.now.Mono
		}
	case probe.SendLease:
		if e.Stopping != a.stopping {
			a.t.Fatalf("got a lease with stopping %t, want %t", e.Stopping, a.stopping)
		}
	}
}

func (a *audit) checkPing(p probe.Ping) {
	a.t.Helper()
	if p.Number <= a.last {
		a.t.Fatalf("got ping number %d after %d, want each larger than the one before", p.Number, a.last)
	}
	a.last = p.Number
	if p.Target == a.cfg.Self {
		a.t.Fatalf("got a ping of this node itself: %+v", p)
	}
	if p.Timeout <= 0 || p.Address == "" {
		a.t.Fatalf("got ping %+v, want a time-out above zero and an address", p)
	}
}

// checkRepeated: a round's ping is sent once more at most, while nobody has answered.
func (a *audit) checkRepeated(p probe.Ping) {
	a.t.Helper()
	if a.again || a.acked || a.judged || a.stopping || p.Target != a.ping.Target || p.Instance != a.ping.Instance {
		a.t.Fatalf("got %+v once more: again %t, acked %t, judged %t, stopping %t", p, a.again, a.acked, a.judged, a.stopping)
	}
	if end := a.pingAt + a.cfg.ProbeInterval; p.Timeout <= 0 || a.n.now.Mono+p.Timeout > end {
		a.t.Fatalf("got time-out %s for the second ping of a round, want it over by the end of the period", p.Timeout)
	}
	a.again = true
}

// checkDigest: what goes out sums up the live rows.
func (a *audit) checkDigest(d swim.Digest) {
	a.t.Helper()
	var sum uint64
	for _, m := range a.rows { // order does not matter: a sum
		sum += swim.DigestOf(m)
	}
	if d.Hash != sum || d.Age < 0 {
		a.t.Fatalf("got digest %+v, want the hash %x of the live rows", d, sum)
	}
}

// checkDiffer: each peer is reported at most once a period.
func (a *audit) checkDiffer(e probe.ReportViewsDiffer) {
	a.t.Helper()
	if at, told := a.differed[e.Peer]; (told && a.n.now.Mono-at < a.cfg.ProbeInterval/2) || !a.rows[e.Peer].State.Live() {
		a.t.Fatalf("got views differ with %s (%s) %s after the last time", e.Peer, a.rows[e.Peer].State, a.n.now.Mono-at)
	}
	a.differed[e.Peer] = a.n.now.Mono
}

func (a *audit) checkContactPing(p probe.Ping) {
	a.t.Helper()
	if number, known := a.contacts[p.Address]; !known || number != 0 || a.stopping {
		a.t.Fatalf("got a ping of contact %s: known %t, ping out %d, stopping %t", p.Address, known, number, a.stopping)
	}
	a.contacts[p.Address] = p.Number
	out := 0
	for _, number := range a.contacts {
		if number != 0 {
			out++
		}
	}
	if out > contactCap {
		a.t.Fatalf("got %d pings of contacts out, want at most %d", out, contactCap)
	}
}

func (a *audit) checkRound(p probe.Ping) {
	a.t.Helper()
	a.rounds++
	if limit := int((a.n.now.Mono-a.started)/a.cfg.ProbeInterval) + 1; a.rounds > limit {
		a.t.Fatalf("got round %d within %s, want one per period", a.rounds, a.n.now.Mono-a.started)
	}
	self := a.rows[a.cfg.Self].State
	if row := a.rows[p.Target]; !row.State.Live() || a.stopping || (!self.Live() && self != swim.Failed) {
		a.t.Fatalf("got a probe of %s (%s) by %s, stopping %t", p.Target, row.State, a.rows[a.cfg.Self].State, a.stopping)
	}
	a.ping, a.pingAt, a.again, a.acked, a.judged, a.endedPaths = p, a.n.now.Mono, false, false, false, nil
}

// checkOrphanPing: a detector without its disseminator tells a few a period.
func (a *audit) checkOrphanPing(p probe.Ping) {
	a.t.Helper()
	if row, known := a.rows[p.Target]; !known || a.stopping || !a.rows[a.cfg.Self].State.Live() {
		a.t.Fatalf("got %s (%s) told by an orphan that is %s, stopping %t", p.Target, row.State, a.rows[a.cfg.Self].State, a.stopping)
	}
}

// checkUrgentPing: out of turn only live members are pinged.
func (a *audit) checkUrgentPing(p probe.Ping) {
	a.t.Helper()
	if row := a.rows[p.Target]; !row.State.Live() || a.stopping {
		a.t.Fatalf("got an urgent ping of %s (%s), stopping %t", p.Target, row.State, a.stopping)
	}
	a.urgent[p.Trace] = p.Target
}

func (a *audit) checkIndirectPing(p probe.IndirectPing) {
	a.t.Helper()
	row := a.rows[p.Proxy.ID]
	if row.State != swim.Alive || p.Proxy.ID == a.cfg.Self || p.Proxy.ID == p.Target {
		a.t.Fatalf("got proxy %s (%s) for target %s", p.Proxy.ID, row.State, p.Target)
	}
	if p.Number != a.ping.Number || p.Target != a.ping.Target || p.Timeout <= 0 || p.Timeout > a.cfg.ProbeInterval {
		a.t.Fatalf("got %+v, want it to belong to %+v, with time to answer", p, a.ping)
	}
}

func (a *audit) checkVerdict(v probe.ReportUnreachable) {
	a.t.Helper()
	if row := a.rows[v.Target.ID]; row.Incarnation != v.Target.Incarnation && row.Instance != v.Target.Instance {
		a.t.Fatalf("got a verdict about incarnation %d of %s, which is at %d", v.Target.Incarnation, v.Target.ID, row.Incarnation)
	}
	if target, urgent := a.urgent[v.Trace]; urgent || v.Paths[0].Evidence == swim.HalfDown {
		if row := a.rows[v.Target.ID]; a.stopping || !row.State.Live() || (urgent && target != v.Target.ID) {
			a.t.Fatalf("got %+v, about %s (%s), stopping %t", v, target, row.State, a.stopping)
		}
		return
	}
	if v.Target.ID != a.ping.Target || v.Trace != a.ping.Trace || a.judged || a.acked || a.stopping {
		a.t.Fatalf("got verdict %+v about ping %+v: judged %t, acked %t, stopping %t", v, a.ping, a.judged, a.acked, a.stopping)
	}
	a.judged = true
	if row := a.rows[v.Target.ID]; !row.State.Live() {
		a.t.Fatalf("got a verdict about %s, which is %s already", v.Target.ID, row.State)
	}
	proxyTime := min(minProxyTime, a.cfg.ProbeInterval-a.cfg.ProbeTimeout)
	if a.n.now.Mono >= a.pingAt+a.ping.Timeout || a.n.now.Mono >= a.missedAt+proxyTime {
		return
	}
	for _, p := range v.Paths {
		if !slices.Contains(a.endedPaths, p.Proxy) {
			a.t.Fatalf("got verdict %v before its time, with the path by %q open", v.Paths, p.Proxy)
		}
	}
}

// stalled says that the process was paused; what it owed others may be late by that.
func (a *audit) stalled(d time.Duration) {
	for call := range a.calls {
		a.calls[call] += d
	}
}

// finish lets the core come to rest and checks that it owes nobody an answer.
func (a *audit) finish() {
	a.t.Helper()
	a.n.advance(5 * time.Second)
	if len(a.calls) > 0 {
		a.t.Fatalf("got indirect pings %v never answered", a.calls)
	}
}
