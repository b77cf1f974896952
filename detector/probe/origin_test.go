package probe_test

import (
	"slices"
	"testing"

	"github.com/swimpair/swim/detector/probe"
	"github.com/swimpair/swim/proto/swim"
)

// Faults of the implementation that this project descends from, as far as they live in
// the prober. The numbers are those of docs/TRACK_RECORD.md.

// Fault 4: nodes ping themselves, and choose themselves as proxies.
func TestOriginFault04ANodePingsItself(t *testing.T) {
	own := member(me)
	n := newNode(t, config(), 1)
	n.step(probe.ViewReplaced{Members: []swim.Member{member("2"), own, member("3")}})
	n.change(own) // once more, as a change
	n.world = dead
	effects := n.advance(50 * period)
	if got := targets(effects); slices.Contains(got, me) || len(got) != 50 {
		t.Errorf("got targets %v, want 50 without %s", got, me)
	}
	for _, p := range pick[probe.IndirectPing](effects) {
		if p.Proxy.ID == me {
			t.Fatalf("got this node as its own proxy: %+v", p)
		}
	}
}

// Fault 7: no deadline on any RPC; a target that never answers blocks the loop for good.
func TestOriginFault07ATargetThatNeverAnswersBlocksTheLoop(t *testing.T) {
	n := startNode(t, members(4)...) // no outcome ever comes back
	effects := n.advance(20 * period)
	if got := len(targetPings(effects)); got != 20 {
		t.Errorf("got %d rounds in 20 periods, want 20", got)
	}
	for _, p := range pick[probe.Ping](effects) {
		if p.Timeout <= 0 || p.Timeout > period {
			t.Errorf("got a ping with time-out %s, want at most a period", p.Timeout)
		}
	}
	for _, p := range pick[probe.IndirectPing](effects) {
		if p.Timeout <= 0 || p.Timeout > rest {
			t.Errorf("got an indirect ping with time-out %s, want at most the rest of the period", p.Timeout)
		}
	}
}

// Fault 9: choice with replacement leaves the time to detection unbounded.
func TestOriginFault09TheTimeToDetectionHasNoBound(t *testing.T) {
	const others = 10
	for seed := range uint64(20) {
		n := newNode(t, config(), seed)
		n.see(members(others)...)
		n.world = healthy("7")
		n.advance(13 * period) // dies at any point of a round
		effects := n.advance((2*others - 1 + 1) * period)
		if got := pick[probe.ReportUnreachable](effects); len(got) == 0 || got[0].Target.ID != "7" {
			t.Errorf("seed %d: got verdicts %+v, want one about node 7 within 2n - 1 periods", seed, got)
		}
	}
}

// Fault 10: proxies are asked one after the other.
func TestOriginFault10ProxiesAreAskedInSequence(t *testing.T) {
	n := startNode(t, members(6)...)
	n.nextRound()
	var perStep []int
	n.after = func(_ probe.Input, effects []probe.Effect) {
		if asked := pick[probe.IndirectPing](effects); len(asked) > 0 {
			perStep = append(perStep, len(asked))
		}
	}
	n.advance(period - 1)
	if !slices.Equal(perStep, []int{3}) {
		t.Errorf("got %v proxies asked step by step, want all 3 in one", perStep)
	}
}

// Fault 17: an empty list ends the detector.
func TestOriginFault17AnEmptyListEndsTheDetector(t *testing.T) {
	for _, order := range []probe.Order{probe.Ring, probe.Shuffle, probe.Random} {
		cfg := config()
		cfg.Order = order
		n := newNode(t, cfg, 1)
		n.world = healthy()
		n.step(probe.ViewReplaced{})
		none[probe.Ping](t, n.advance(5*period), "the list is empty")
		n.see(member("2"))
		n.nextRound()
		n.step(probe.ViewChanged{Member: member("2"), Removed: true})
		none[probe.Ping](t, n.advance(5*period), "the list is empty again")
		n.see(member("3"))
		if got := n.nextRound().Target; got != "3" {
			t.Errorf("got target %s, want 3: the detector lives on", got)
		}
	}
}

// Fault 18: when a peer was last heard is noted and never used. Here what is heard decides:
// an ack of the round, direct or not, early or late, averts the verdict.
func TestOriginFault18WhatIsHeardIsNotUsed(t *testing.T) {
	for _, heard := range []string{"early", "late", "by a proxy"} {
		n := startNode(t, members(4)...)
		ping := n.nextRound()
		switch heard {
		case "early":
			n.step(ack(ping))
		case "late":
			n.askProxies()
			n.step(ack(ping))
		default:
			n.step(proxySays(n.askProxies()[0], swim.Acked))
		}
		none[probe.ReportUnreachable](t, n.advance(rest), heard)
	}
}

// Fault 19: the receiver never checks target_id, so that a process which took over the
// address answers for the node that was there.
func TestOriginFault19ANodeAnswersForTheOneThatWasThereBefore(t *testing.T) {
	n := startNode(t, members(3)...)
	for _, in := range []probe.PingReceived{
		{Call: 1, TargetID: "2"},
		{Call: 2, TargetID: me, TargetInstance: instanceOf(me) + 1},
	} {
		if got := only[probe.AnswerPing](t, n.step(in)); got.IsAlive || got.Responder.ID != me {
			t.Errorf("got %+v to %+v, want not alive, and who answers", got, in)
		}
	}
	ping := n.roundAbout("2")
	n.step(probe.PingEnded{Number: ping.Number, Evidence: swim.Acked, Responder: member("3")})
	if got := only[probe.ReportUnreachable](t, n.advance(period)).Target.ID; got != "2" {
		t.Errorf("got verdict about %s, want 2: an ack by another is none", got)
	}
}
