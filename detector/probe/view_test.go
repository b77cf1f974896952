package probe_test

import (
	"fmt"
	"reflect"
	"slices"
	"testing"

	"github.com/swimpair/swim/detector/probe"
	"github.com/swimpair/swim/proto/swim"
)

func TestOnlyLiveMembersAreProbed(t *testing.T) {
	n := startNode(t, member("2"), in(member("3"), swim.Suspect), in(member("4"), swim.Failed),
		in(member("5"), swim.Left), in(member("6"), swim.Forgotten))
	n.world = healthy()
	got := targets(n.advance(10 * period))
	slices.Sort(got)
	if got := slices.Compact(got); !slices.Equal(got, []swim.NodeID{"2", "3"}) {
		t.Errorf("got targets %v, want the alive and the suspect one", got)
	}
}

func TestAMemberThatGoesStopsBeingPingedAtOnce(t *testing.T) {
	gone := map[string]probe.Input{
		"failed":          probe.ViewChanged{Member: in(member("3"), swim.Failed)},
		"left":            probe.ViewChanged{Member: in(member("3"), swim.Left)},
		"forgotten":       probe.ViewChanged{Member: in(member("3"), swim.Forgotten)},
		"removed":         probe.ViewChanged{Member: member("3"), Removed: true},
		"not in the view": probe.ViewReplaced{Members: []swim.Member{member(me), member("2"), member("4")}},
		"failed there":    probe.ViewReplaced{Members: []swim.Member{member(me), member("2"), in(member("3"), swim.Failed), member("4")}},
	}
	for name, input := range gone {
		t.Run(name, func(t *testing.T) {
			n := startNode(t, member("2"), member("3"), member("4"))
			n.world = healthy()
			n.advance(2 * period)
			if got := told(t, n.step(input), probe.ProbingStopped).Member; got != "3" {
				t.Errorf("got probing of %s stopped, want 3", got)
			}
			if got := targets(n.advance(20 * period)); slices.Contains(got, "3") || len(got) != 20 {
				t.Errorf("got targets %v, want 20 without 3", got)
			}
		})
	}
}

func TestARoundAboutAMemberThatJustWentIsAbandoned(t *testing.T) {
	for _, state := range []swim.State{swim.Failed, swim.Left, swim.Forgotten} {
		for _, phase := range []string{"direct", "indirect"} {
			n := startNode(t, members(4)...)
			n.roundAbout("3")
			if phase == "indirect" {
				n.askProxies()
			}
			effects := append(n.change(in(member("3"), state)), n.advance(period/2)...)
			none[probe.IndirectPing](t, effects, fmt.Sprintf("%s, %s", state, phase))
			none[probe.ReportUnreachable](t, effects, fmt.Sprintf("%s, %s", state, phase))
		}
	}
}

func TestARoundAboutAnotherMemberGoesOnWhenAMemberGoes(t *testing.T) {
	n := startNode(t, members(5)...)
	n.roundAbout("3")
	n.change(in(member("4"), swim.Failed))
	effects := n.advance(period)
	if got := only[probe.ReportUnreachable](t, effects).Target.ID; got != "3" {
		t.Errorf("got verdict about %s, want 3", got)
	}
	for _, p := range pick[probe.IndirectPing](effects) {
		if p.Proxy.ID == "4" {
			t.Errorf("got the failed member as a proxy")
		}
	}
}

func TestARoundGoesOnWhenItsTargetBecomesSuspect(t *testing.T) {
	n := startNode(t, members(4)...)
	n.roundAbout("3")
	n.change(in(member("3"), swim.Suspect))
	only[probe.ReportUnreachable](t, n.advance(period))
}

func TestAMemberThatReturnsIsProbedAgain(t *testing.T) {
	n := startNode(t, member("2"), in(member("3"), swim.Failed))
	n.world = healthy()
	back := member("3")
	back.Incarnation, back.Instance, back.DetectorAddress = 8, 99, "moved:1"
	told(t, n.change(back), probe.ProbingStarted)
	n.advance(0)
	ping := n.roundAbout("3")
	if ping.Instance != 99 || ping.Address != "moved:1" {
		t.Errorf("got ping %+v, want the new instance at the new address", ping)
	}
}

func TestTheSameViewAgainChangesNothing(t *testing.T) {
	rows := append(members(6), in(member("99"), swim.Failed), contact("late:1"), contact("late:2"))
	flooded, calm := startNode(t, rows...), startNode(t, rows...)
	for range 3 * 6 {
		flooded.step(probe.HeartbeatReceived{}) // the silence since the last round is another test's
		for range 20 {
			effects := flooded.see(rows...)
			if len(effects) > 0 {
				t.Fatalf("got %+v of a repeated view, want nothing done", effects)
			}
			flooded.change(rows[3])
			flooded.change(contact("late:1"))
		}
		a, b := flooded.nextRound(), calm.nextRound()
		if a != b {
			t.Fatalf("got ping %+v, want %+v as without the flood", a, b)
		}
		flooded.step(ack(a))
		calm.step(ack(b))
		flooded.advance(0)
		calm.advance(0)
	}
	got, want := flooded.core.Snapshot(), calm.core.Snapshot()
	got.DisseminatorDown, want.DisseminatorDown = "", "" // only the flood is a sign of life
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got snapshot %+v, want %+v", got, want)
	}
}

func TestARepeatedViewDoesNotDisturbTheOpenRound(t *testing.T) {
	n := startNode(t, members(4)...)
	n.nextRound()
	n.see(members(4)...)
	if got := len(n.askProxies()); got != 3 {
		t.Fatalf("got %d proxies asked, want 3", got)
	}
	n.see(members(4)...)
	only[probe.ReportUnreachable](t, n.advance(rest))
}

func TestProbingIsAnnouncedOncePerMember(t *testing.T) {
	n := newNode(t, config(), 1)
	effects := n.see(members(3)...)
	if got := len(events(effects, probe.ProbingStarted)); got != 3 {
		t.Errorf("got %d members announced, want 3 (not this node itself)", got)
	}
	effects = n.change(in(member("2"), swim.Suspect))
	effects = append(effects, n.change(member("2"))...)
	if got := append(events(effects, probe.ProbingStarted), events(effects, probe.ProbingStopped)...); len(got) != 0 {
		t.Errorf("got events %+v, want none: the member stays a target", got)
	}
}

func TestBeforeTheViewComesNobodyIsPinged(t *testing.T) {
	n := newNode(t, config(), 1)
	none[probe.Ping](t, n.advance(5*period), "nothing is known")
}

func TestANodeThatHasLeftProbesNobody(t *testing.T) {
	for _, state := range []swim.State{swim.Left, swim.Forgotten} {
		n := startNode(t, members(4)...)
		n.nextRound()
		n.advance(period / 2)
		n.change(in(member(me), state))
		none[probe.Ping](t, n.advance(5*period), state.String())
		n.change(member(me))
		if got := len(targetPings(n.advance(5 * period))); got != 5 {
			t.Errorf("%s, then alive: got %d rounds in 5 periods, want 5", state, got)
		}
	}
}

// How else would it know that it is well again?
func TestANodeThatHasFailedGoesOnPinging(t *testing.T) {
	n := startNode(t, members(4)...)
	n.change(in(member(me), swim.Failed))
	if got := len(targetPings(n.advance(5 * period))); got != 5 {
		t.Errorf("got %d rounds in 5 periods, want 5", got)
	}
}

func TestWhileStoppingNobodyIsProbedOrAccused(t *testing.T) {
	for _, phase := range []string{"idle", "direct", "indirect"} {
		t.Run(phase, func(t *testing.T) {
			n := startNode(t, append(members(4), contact("late:1"))...)
			ping := n.nextRound()
			switch phase {
			case "idle":
				n.step(ack(ping))
			case "indirect":
				n.askProxies()
			}
			effects := n.step(probe.Stopping{})
			if got := only[probe.SendLease](t, effects); !got.Stopping {
				t.Errorf("got %+v, want a lease that says stopping", got)
			}
			n.world = dead
			effects = append(effects, n.advance(5*period)...)
			none[probe.Ping](t, effects, "stopping")
			none[probe.ReportUnreachable](t, effects, "stopping")
			if answer := only[probe.AnswerPing](t, n.step(probe.PingReceived{Call: 1, TargetID: me})); !answer.IsAlive {
				t.Errorf("got %+v, want pings answered to the end", answer)
			}
			for _, lease := range pick[probe.SendLease](n.advance(period)) {
				if !lease.Stopping {
					t.Errorf("got %+v, want every later lease to say stopping", lease)
				}
			}
		})
	}
}

func TestWhileStoppingLatePathsBringNoVerdict(t *testing.T) {
	n := startNode(t, members(4)...)
	ping := n.nextRound()
	asked := n.askProxies()
	n.step(probe.Stopping{})
	effects := n.step(unanswered(ping))
	for _, p := range asked {
		effects = append(effects, n.step(proxySays(p, swim.Silent))...)
	}
	none[probe.ReportUnreachable](t, effects, "stopping")
}

func TestTheSnapshotSharesNothingThatChanges(t *testing.T) {
	n := startNode(t, member("3"), member("2"), contact("late:1"))
	got := n.core.Snapshot()
	n.change(in(member("2"), swim.Failed))
	n.step(probe.ViewChanged{Member: contact("late:1"), Removed: true})
	want := probe.Snapshot{
		Self: member(me), Members: []swim.Member{member(me), member("2"), member("3")}, Contacts: []swim.Address{"late:1"},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}
