package probe_test

import (
	"cmp"
	"slices"
	"testing"

	"github.com/swimpair/swim/detector/probe"
	"github.com/swimpair/swim/proto/swim"
)

func TestAnOrphanTellsItsRankedObserversAtOnceAndTheNextOnesEachPeriod(t *testing.T) {
	n := startNode(t, members(6)...)
	n.orphan = true
	n.advance(latency) // the last heartbeat
	want := []swim.NodeID{"2", "3", "4", "5", "6", "7"}
	slices.SortFunc(want, func(a, b swim.NodeID) int { return cmp.Compare(swim.Rank(a, me), swim.Rank(b, me)) })
	first := n.step(probe.DisseminatorLost{Why: "reset"})
	if got := targets(first); !slices.Equal(got, want[:4]) {
		t.Errorf("told %v at once, want %v", got, want[:4])
	}
	if got, next := targets(n.advance(period)), append(slices.Clone(want[4:]), want[:2]...); !slices.Equal(got, next) {
		t.Errorf("told %v in the next period, want %v", got, next)
	}
	for _, p := range targetPings(first) {
		if !p.DisseminatorDown || p.SenderInstance != instanceOf(me) {
			t.Errorf("got %+v, want it to say which node's disseminator is down", p)
		}
	}
	n.orphan = false
	n.see(members(6)...)
	for _, p := range targetPings(n.advance(2 * period)) {
		if p.DisseminatorDown {
			t.Fatalf("still says that its disseminator is down: %+v", p)
		}
	}
}

func TestADetectorThatNeverHeardItsDisseminatorTellsNobody(t *testing.T) {
	n := newNode(t, config(), 1)
	n.orphan = true
	none[probe.Ping](t, append(n.step(probe.DisseminatorLost{Why: "refused"}), n.advance(5*period)...), "nobody knows it")
}

func TestAStoppingDetectorTellsNobody(t *testing.T) {
	n := startNode(t, members(3)...)
	n.orphan = true
	n.step(probe.Stopping{})
	none[probe.Ping](t, append(n.step(probe.DisseminatorLost{Why: "EOF"}), n.advance(3*period)...), "it goes on purpose")
}

func TestAnOrphanIsReportedByWhoeverHearsIt(t *testing.T) {
	down := func(sender swim.NodeID, instance swim.Instance) probe.PingReceived {
		return probe.PingReceived{Call: 5, TargetID: me, Sender: sender, SenderInstance: instance, DisseminatorDown: true}
	}
	for name, c := range map[string]struct {
		heard probe.PingReceived
		want  bool
	}{
		"a member":             {down("2", instanceOf("2")), true},
		"one without instance": {down("2", 0), true},
		"a former life":        {down("2", 99), false},
		"a stranger":           {down("77", 0), false},
		"a failed member":      {down("4", 0), false},
		"nobody":               {down("", 0), false},
	} {
		t.Run(name, func(t *testing.T) {
			n := startNode(t, member("2"), member("3"), in(member("4"), swim.Failed))
			reports := pick[probe.ReportUnreachable](n.step(c.heard))
			if got := len(reports) == 1 && reports[0].Paths[0].Evidence == swim.HalfDown; got != c.want {
				t.Errorf("got %+v, want a report: %t", reports, c.want)
			}
		})
	}
	t.Run("not again once the table says so", func(t *testing.T) {
		m := in(member("2"), swim.Suspect)
		m.Reason, m.Accuser = swim.DisseminatorDown, "3"
		n := startNode(t, m, member("3"))
		none[probe.ReportUnreachable](t, n.step(down("2", 0)), "it is known")
	})
	t.Run("by an ack", func(t *testing.T) {
		n := startNode(t, member("2"))
		answer := ack(n.nextRound())
		answer.DisseminatorDown = true
		effects := n.step(answer)
		if got := only[probe.ReportUnreachable](t, effects); got.Paths[0].Evidence != swim.HalfDown {
			t.Errorf("got %+v", got)
		}
		none[probe.IndirectPing](t, append(effects, n.advance(timeout)...), "it has answered")
	})
}
