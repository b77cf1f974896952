package probe_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/swimpair/swim/detector/probe"
	"github.com/swimpair/swim/proto/swim"
)

func TestAPingNamesTheTargetItsInstanceAndNearlyThePeriod(t *testing.T) {
	n := startNode(t, member("2"))
	got := n.nextRound()
	want := probe.Ping{
		Number: got.Number, Address: "node2:50050", Target: "2", Instance: instanceOf("2"),
		SenderInstance: instanceOf(me), Digest: digestOf(n.now.Mono-time.Hour, member(me), member("2")),
		Timeout: period * 95 / 100, // its outcome is known when the period ends
		LateFor: 2 * time.Second, Trace: got.Trace,
	}
	if got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if got.Number == 0 || got.Trace == (swim.TraceID{}) {
		t.Errorf("got number %d and trace %x, want both set", got.Number, got.Trace)
	}
}

func TestNeitherTargetNorProxyIsThisNode(t *testing.T) {
	for others := range 6 {
		n := startNode(t, members(others)...)
		n.world = dead
		effects := n.advance(30 * period)
		for _, p := range pick[probe.Ping](effects) {
			if p.Target == me || p.Address == member(me).DetectorAddress {
				t.Fatalf("%d others: got a ping of itself: %+v", others, p)
			}
		}
		for _, p := range pick[probe.IndirectPing](effects) {
			if p.Proxy.ID == me || p.Proxy.ID == p.Target {
				t.Fatalf("%d others: got proxy %s for target %s", others, p.Proxy.ID, p.Target)
			}
		}
	}
}

func TestSmallClusters(t *testing.T) {
	for _, c := range []struct{ others, pings, proxies, verdicts int }{
		{others: 0, pings: 0, proxies: 0, verdicts: 0},
		{others: 1, pings: 1, proxies: 0, verdicts: 1},
		{others: 2, pings: 1, proxies: 1, verdicts: 1},
		{others: 3, pings: 1, proxies: 2, verdicts: 1},
		{others: 4, pings: 1, proxies: 3, verdicts: 1},
		{others: 9, pings: 1, proxies: 3, verdicts: 1},
	} {
		t.Run(fmt.Sprintf("%d others", c.others), func(t *testing.T) {
			n := startNode(t, members(c.others)...)
			n.advance(period) // the first round
			effects := n.advance(10 * period)
			if got, want := len(targetPings(effects)), 10*c.pings; got != want {
				t.Errorf("got %d pings in 10 periods, want %d", got, want)
			}
			if got, want := len(pick[probe.IndirectPing](effects)), 10*c.proxies; got != want {
				t.Errorf("got %d indirect pings in 10 periods, want %d", got, want)
			}
			if got, want := len(pick[probe.ReportUnreachable](effects)), 10*c.verdicts; got != want {
				t.Errorf("got %d verdicts in 10 periods, want %d", got, want)
			}
		})
	}
}

func TestProxiesAreDistinctAndHaveTheRestOfThePeriod(t *testing.T) {
	n := startNode(t, members(8)...)
	ping := n.nextRound()
	asked := n.askProxies()
	seen := map[swim.NodeID]bool{}
	for _, p := range asked {
		seen[p.Proxy.ID] = true
		if p.Timeout != rest {
			t.Errorf("got time-out %s for proxy %s, want the rest of the period, %s", p.Timeout, p.Proxy.ID, rest)
		}
		if p.Number != ping.Number || p.Target != ping.Target || p.Instance != ping.Instance || p.Trace != ping.Trace {
			t.Errorf("got %+v, want number, target, instance and trace of %+v", p, ping)
		}
	}
	if len(seen) != 3 {
		t.Errorf("got proxies %v, want three different", seen)
	}
}

func TestOnlyAliveMembersAreProxies(t *testing.T) {
	n := startNode(t, member("2"), member("3"), in(member("4"), swim.Suspect), in(member("5"), swim.Failed),
		in(member("6"), swim.Left), in(member("7"), swim.Forgotten), contact("late:1"))
	n.roundAbout("2")
	asked := n.askProxies()
	if len(asked) != 1 || asked[0].Proxy.ID != "3" {
		t.Errorf("got proxies %+v, want node 3 alone", asked)
	}
}

func TestADirectAckEndsTheRound(t *testing.T) {
	n := startNode(t, members(4)...)
	ping := n.nextRound()
	n.advance(latency)
	n.step(ack(ping))
	effects := n.advance(period - 2*latency)
	none[probe.IndirectPing](t, effects, "the target answered")
	none[probe.ReportUnreachable](t, effects, "the target answered")
}

func TestALateDirectAckStillCounts(t *testing.T) {
	for _, at := range []time.Duration{timeout, timeout + 1, period / 2, period - 1} {
		n := startNode(t, members(4)...)
		ping := n.nextRound()
		n.advance(at)
		n.step(ack(ping))
		none[probe.ReportUnreachable](t, n.advance(period-at), fmt.Sprintf("the target answered after %s", at))
	}
}

func TestALateDirectAckStillCountsAfterAllProxiesButOneNacked(t *testing.T) {
	n := startNode(t, members(4)...)
	ping := n.nextRound()
	asked := n.askProxies()
	for _, p := range asked[1:] {
		n.step(proxySays(p, swim.Silent))
	}
	n.step(ack(ping))
	effects := append(n.step(proxySays(asked[0], swim.Silent)), n.advance(rest)...)
	none[probe.ReportUnreachable](t, effects, "the target answered")
}

func TestAnIndirectAckEndsTheRound(t *testing.T) {
	n := startNode(t, members(4)...)
	ping := n.nextRound()
	asked := n.askProxies()
	n.step(proxySays(asked[0], swim.Silent))
	effects := n.step(proxySays(asked[1], swim.Acked))
	if got := told(t, effects, probe.IndirectlyAcked); got.Member != ping.Target || got.Trace != ping.Trace {
		t.Errorf("got event %+v, want it about %s with trace %x", got, ping.Target, ping.Trace)
	}
	effects = n.step(proxySays(asked[2], swim.Silent))
	effects = append(effects, n.step(unanswered(ping))...)
	effects = append(effects, n.advance(rest)...)
	none[probe.ReportUnreachable](t, effects, "a proxy reached the target")
}

func TestTheVerdictNeedsTheDirectAndEveryIndirectPathToFail(t *testing.T) {
	n := startNode(t, members(4)...)
	ping := n.nextRound()
	asked := n.askProxies()
	effects := n.step(proxySays(asked[0], swim.Silent))
	effects = append(effects, n.step(unanswered(ping))...)
	effects = append(effects, n.step(proxySays(asked[1], swim.Refused))...)
	none[probe.ReportUnreachable](t, effects, "one path is still open")
	got := only[probe.ReportUnreachable](t, n.step(proxySays(asked[2], swim.None)))
	wantPaths := []swim.Path{
		{Evidence: swim.Silent},
		{Proxy: asked[0].Proxy.ID, Evidence: swim.Silent},
		{Proxy: asked[1].Proxy.ID, Evidence: swim.Refused},
		{Proxy: asked[2].Proxy.ID, Evidence: swim.None},
	}
	if !slices.Equal(got.Paths, wantPaths) {
		t.Errorf("got paths %v, want %v", got.Paths, wantPaths)
	}
	if got.Target.ID != ping.Target || got.Target.Incarnation != 7 || got.Trace != ping.Trace {
		t.Errorf("got verdict %+v, want the row of %s and trace %x", got, ping.Target, ping.Trace)
	}
	none[probe.ReportUnreachable](t, n.advance(rest-1), "the verdict has been said")
}

func TestPathsStillOpenAtTheEndOfThePeriodAreSilentOrNone(t *testing.T) {
	n := startNode(t, members(4)...)
	n.nextRound()
	asked := n.askProxies()
	n.step(proxySays(asked[0], swim.Silent))
	got := only[probe.ReportUnreachable](t, n.advance(rest)).Paths
	want := []swim.Path{
		{Evidence: swim.Silent},
		{Proxy: asked[0].Proxy.ID, Evidence: swim.Silent},
		{Proxy: asked[1].Proxy.ID, Evidence: swim.None}, // not even a nack
		{Proxy: asked[2].Proxy.ID, Evidence: swim.None},
	}
	if !slices.Equal(got, want) {
		t.Errorf("got paths %v, want %v", got, want)
	}
}

func TestARefusedDirectPingBringsTheProxiesForward(t *testing.T) {
	n := startNode(t, members(4)...)
	ping := n.nextRound()
	n.advance(10 * time.Millisecond)
	asked := pick[probe.IndirectPing](n.step(probe.PingEnded{Number: ping.Number, Evidence: swim.Refused}))
	if len(asked) != 3 {
		t.Fatalf("got %d proxies asked at the refusal, want 3", len(asked))
	}
	if got, want := asked[0].Timeout, period-timeout; got != want {
		t.Errorf("got time-out %s, want as long as at any other time, %s", got, want)
	}
	none[probe.IndirectPing](t, n.advance(timeout), "the proxies have been asked")
}

func TestTheLastPathToEndBringsTheVerdictForwardWithoutProxiesToo(t *testing.T) {
	n := startNode(t, member("2"))
	ping := n.nextRound()
	n.advance(10 * time.Millisecond)
	effects := n.step(probe.PingEnded{Number: ping.Number, Evidence: swim.Refused})
	got := only[probe.ReportUnreachable](t, effects).Paths
	if want := []swim.Path{{Evidence: swim.Refused}}; !slices.Equal(got, want) {
		t.Errorf("got paths %v, want %v", got, want)
	}
}

func TestOutcomesWithAnotherNumberAreIgnored(t *testing.T) {
	n := startNode(t, members(4)...)
	old := n.nextRound()
	n.step(ack(old))
	ping := n.nextRound()
	for _, stale := range []probe.PingNumber{old.Number, ping.Number + 1, 0} {
		for _, evidence := range []swim.Evidence{swim.Acked, swim.Refused, swim.Silent, swim.WrongTarget, swim.None} {
			effects := n.step(probe.PingEnded{Number: stale, Evidence: evidence, Responder: member(ping.Target)})
			effects = append(effects, n.step(probe.IndirectPingEnded{Number: stale, Proxy: "2", Evidence: evidence})...)
			if len(effects) != 0 {
				t.Errorf("number %d, %s: got %+v, want nothing done", stale, evidence, effects)
			}
		}
	}
	asked := n.askProxies()
	if len(asked) != 3 {
		t.Fatalf("got %d proxies asked, want 3: stale outcomes must not end the round", len(asked))
	}
	n.step(probe.IndirectPingEnded{Number: old.Number, Proxy: asked[0].Proxy.ID, Evidence: swim.Acked})
	only[probe.ReportUnreachable](t, n.advance(rest))
}

func TestAnAckBySomebodyElseIsNoAck(t *testing.T) {
	restarted := member("2")
	restarted.Instance = 99
	for name, c := range map[string]struct {
		evidence  swim.Evidence
		responder swim.Member
	}{
		"another node":                      {swim.Acked, member("9")},
		"another instance":                  {swim.Acked, restarted},
		"it says that it is another":        {swim.WrongTarget, member("9")},
		"it says that it is a new instance": {swim.WrongTarget, restarted},
	} {
		t.Run(name, func(t *testing.T) {
			n := startNode(t, members(4)...)
			ping := n.roundAbout("2")
			effects := n.step(probe.PingEnded{Number: ping.Number, Evidence: c.evidence, Responder: c.responder})
			told(t, effects, probe.InstanceChanged)
			reached := only[probe.ReportReached](t, effects)
			if reached.Responder.ID != c.responder.ID || reached.Responder.Instance != c.responder.Instance ||
				reached.Address != ping.Address || reached.Trace != ping.Trace {
				t.Errorf("got %+v, want %s instance %s at %s", reached, c.responder.ID, c.responder.Instance, ping.Address)
			}
			if got := len(pick[probe.IndirectPing](effects)); got != 3 {
				t.Errorf("got %d proxies asked, want 3: the target has not answered", got)
			}
			verdict := only[probe.ReportUnreachable](t, n.advance(period))
			if got := verdict.Paths[0]; got != (swim.Path{Evidence: swim.WrongTarget}) {
				t.Errorf("got direct path %v, want wrong target", got)
			}
		})
	}
}

func TestAnAckByAnotherNodeIsNoAckEvenIfTheInstanceIsUnknown(t *testing.T) {
	target := member("2")
	target.Instance = 0
	n := startNode(t, target, member("3"))
	ping := n.roundAbout("2")
	effects := n.step(probe.PingEnded{Number: ping.Number, Evidence: swim.Acked, Responder: member("9")})
	if got := only[probe.ReportReached](t, effects).Responder.ID; got != "9" {
		t.Errorf("got node %s reported as reached, want 9", got)
	}
	only[probe.ReportUnreachable](t, n.advance(period))
}

func TestAWrongTargetThatDoesNotSayWhoItIsIsNotReportedAsReached(t *testing.T) {
	n := startNode(t, members(4)...)
	ping := n.nextRound()
	effects := n.step(probe.PingEnded{Number: ping.Number, Evidence: swim.WrongTarget})
	none[probe.ReportReached](t, effects, "nobody knows who answered")
	if got := len(pick[probe.IndirectPing](effects)); got != 3 {
		t.Errorf("got %d proxies asked, want 3", got)
	}
}

func TestAnAckCountsIfTheResponderOrTheInstanceIsUnknown(t *testing.T) {
	unknownInstance := member("2")
	unknownInstance.Instance = 0
	for name, c := range map[string]struct{ row, responder swim.Member }{
		"a peer of the seed's family says nothing": {row: member("2")},
		"the instance is not known yet":            {row: unknownInstance, responder: member("2")},
	} {
		n := startNode(t, c.row, member("3"))
		ping := n.roundAbout("2")
		n.step(probe.PingEnded{Number: ping.Number, Evidence: swim.Acked, Responder: c.responder})
		effects := n.advance(period - 1)
		none[probe.IndirectPing](t, effects, name)
		none[probe.ReportUnreachable](t, effects, name)
	}
}

func TestEvidenceNoneIsNoAckAndTheRoundStillEnds(t *testing.T) {
	n := startNode(t, members(4)...)
	ping := n.nextRound()
	asked := n.askProxies()
	for _, p := range asked {
		n.step(proxySays(p, swim.None))
	}
	got := only[probe.ReportUnreachable](t, n.step(unanswered(ping)))
	if want := (swim.Path{Evidence: swim.Silent}); got.Paths[0] != want {
		t.Errorf("got direct path %v, want %v", got.Paths[0], want)
	}
	if next := n.nextRound(); next.Number == ping.Number {
		t.Errorf("got number %d again, want a new round", next.Number)
	}
}

// DESIGN 4: evidence None counts for nothing. When no path has brought any other, there is
// nothing to accuse with.
func TestARoundInWhichNothingWasLearnedAccusesNobody(t *testing.T) {
	n := startNode(t, members(4)...)
	ping := n.nextRound()
	effects := n.step(probe.PingEnded{Number: ping.Number, Evidence: swim.None})
	for _, p := range pick[probe.IndirectPing](effects) {
		effects = append(effects, n.step(proxySays(p, swim.None))...)
	}
	effects = append(effects, n.advance(period)...)
	none[probe.ReportUnreachable](t, effects, "every path ended with evidence none")
	if got := len(targetPings(effects)); got != 1 {
		t.Errorf("got %d new rounds in the next period, want 1: the round still ends", got)
	}
}

func TestOneTraceFollowsARoundAndNoOther(t *testing.T) {
	n := startNode(t, members(4)...)
	first := n.nextRound()
	effects := n.advance(period)
	missed, verdict := told(t, effects, probe.PingMissed), told(t, effects, probe.TargetUnreachable)
	report := only[probe.ReportUnreachable](t, effects)
	for what, got := range map[string]swim.TraceID{
		"ping missed": missed.Trace, "target unreachable": verdict.Trace, "report": report.Trace,
	} {
		if got != first.Trace {
			t.Errorf("%s: got trace %x, want that of the ping, %x", what, got, first.Trace)
		}
	}
	if next := only[probe.Ping](t, effects); next.Trace == first.Trace {
		t.Errorf("got trace %x for two rounds, want each its own", next.Trace)
	}
}

func TestWithoutMembersThePeriodsGoOnAndTheFirstMemberIsPingedInThePeriodAfter(t *testing.T) {
	n := startNode(t)
	none[probe.Ping](t, n.advance(10*period), "nobody is there")
	n.change(member("2"))
	if got := targets(n.advance(period)); !slices.Equal(got, []swim.NodeID{"2"}) {
		t.Errorf("got targets %v, want 2", got)
	}
}
