package membership_test

import (
	"slices"
	"testing"
	"time"

	"github.com/swimpair/swim/disseminator/membership"
	"github.com/swimpair/swim/proto/swim"
)

// farewellBound is how long a goodbye may take.
const farewellBound = 2 * time.Second

func stopBoth(n *node) []membership.Effect {
	effects := n.feed(membership.LeaseReceived{Stopping: true})
	return append(effects, n.feed(membership.StopRequested{})...)
}

func TestANodeWhoseHalvesBothStopTellsEveryLiveMemberAndHalts(t *testing.T) {
	inOrder := map[string]func(n *node) []membership.Effect{
		"the detector first": stopBoth,
		"the disseminator first": func(n *node) []membership.Effect {
			effects := n.feed(membership.StopRequested{})
			return append(effects, n.feed(membership.LeaseReceived{Stopping: true})...)
		},
		"the detector is gone": func(n *node) []membership.Effect {
			effects := n.feed(membership.StopRequested{})
			return append(effects, n.feed(membership.DetectorDetached{Why: "EOF"})...)
		},
	}
	for name, stop := range inOrder {
		t.Run(name, func(t *testing.T) {
			n := startKnowing(t, member("2"), member("3"), member("4", as(swim.Failed, swim.Unreachable)))
			effects := stop(n)
			told := pushes(effects)
			if got, want := receivers(told), []swim.NodeID{"2", "3"}; !slices.Equal(got, want) {
				t.Fatalf("the goodbye goes to %v, want %v", got, want)
			}
			for _, push := range told {
				if m := push.Members[0]; m.ID != "1" || m.State != swim.Left || m.Reason != swim.SaidGoodbye {
					t.Errorf("node %s is told %+v", push.To.ID, m)
				}
			}
			none[membership.Halt](t, effects)
			none[membership.Halt](t, n.pushEnded(told[0], swim.Acked))
			if why := only[membership.Halt](t, n.pushEnded(told[1], swim.Acked)).Why; why != "" {
				t.Errorf("halts with the reason %q, want none: it was asked", why)
			}
		})
	}
}

func TestAGoodbyeTakesBoundedTimeWhenAPeerIsDead(t *testing.T) {
	n := startKnowing(t, member("2"), member("3"))
	told := pushes(stopBoth(n))
	n.pushEnded(told[0], swim.Acked) // node 3 never answers
	none[membership.Halt](t, n.run(farewellBound-time.Millisecond))
	only[membership.Halt](t, n.run(time.Millisecond))
}

func TestALonelyNodeHaltsAtOnce(t *testing.T) {
	n := start(t)
	only[membership.Halt](t, stopBoth(n))
}

func TestADisseminatorThatNeverHeardItsDetectorLeavesAlone(t *testing.T) {
	n := start(t)
	effects := n.feed(membership.StopRequested{})
	only[membership.Halt](t, effects)
	if !saw(effects, membership.LeaveStarted) {
		t.Error("nobody was told that the node leaves")
	}
}

func TestOneHalfAloneThatStopsDoesNotLeave(t *testing.T) {
	n := startKnowing(t, member("2"))
	effects := n.feed(membership.StopRequested{})
	for range 8 {
		effects = append(effects, n.run(period/2)...)
		effects = append(effects, n.lease()...)
	}
	none[membership.Disseminate](t, effects)
	only[membership.Halt](t, effects)
	if !saw(effects, membership.StoppedStaying) || saw(effects, membership.LeaveStarted) {
		t.Error("not said that the node stays a member")
	}
	n.wantState("1", swim.Alive)
}

func TestADisseminatorThatHasHaltedSpeaksForItsNodeNoMore(t *testing.T) {
	n := startKnowing(t, member("2"))
	n.feed(membership.StopRequested{})
	only[membership.Halt](t, n.run(4*period))
	before := n.self().Incarnation
	n.accusedByPeer("2", before)
	effects := n.lease()
	effects = append(effects, n.feed(membership.DetectorDetached{Why: "EOF"})...)
	if none[membership.Disseminate](t, effects); n.self().Incarnation != before {
		t.Error("it has refuted, and its process has ended")
	}
}

func TestADetectorThatStopsAndIsNotReplacedTakesTheNodeOut(t *testing.T) {
	n := startKnowing(t, member("2"))
	n.detach()
	n.feed(membership.LeaseReceived{Stopping: true})
	effects := n.feed(membership.DetectorDetached{Why: "EOF"})
	n.wantState("1", swim.Suspect)
	n.pushEnded(only[membership.Disseminate](t, effects), swim.Acked)
	none[membership.Disseminate](t, n.run(5*period-time.Millisecond)) // it has the grace
	effects = n.run(time.Millisecond)
	none[membership.Halt](t, effects) // the disseminator goes on, in case that a detector comes
	if got := only[membership.Disseminate](t, effects).Members[0].State; got != swim.Left {
		t.Errorf("the others are told that it is %s, want left: it was asked to stop", got)
	}
	n.lease()
	n.wantState("1", swim.Alive)
}

func TestAnOperatorsLeaveIsAnsweredAndTheProcessGoesOn(t *testing.T) {
	n := startKnowing(t, member("2"))
	call := n.newCall()
	effects := n.feed(membership.LeaveRequested{Call: call})
	none[membership.AnswerOperator](t, effects)
	effects = n.pushEnded(only[membership.Disseminate](t, effects), swim.Acked)
	if got := answerTo[membership.AnswerOperator](t, effects, call); got.Member.State != swim.Left {
		t.Errorf("the answer says %s, want left", got.Member.State)
	}
	t.Run("a second time as well", func(t *testing.T) {
		call := n.newCall()
		answerTo[membership.AnswerOperator](t, n.feed(membership.LeaveRequested{Call: call}), call)
	})
	none[membership.Halt](t, append(effects, n.run(time.Minute)...))
	t.Run("until it is stopped", func(t *testing.T) {
		only[membership.Halt](t, n.feed(membership.StopRequested{}))
	})
}

func TestAProcessThatIsStoppedHaltsEvenIfAnOperatorLetsItLeaveMeanwhile(t *testing.T) {
	n := startKnowing(t, member("2"))
	effects := n.feed(membership.StopRequested{}) // listens whether its detector stops as well
	effects = append(effects, n.feed(membership.LeaveRequested{Call: n.newCall()})...)
	for range 20 { // it does not
		effects = append(effects, n.run(period/2)...)
		effects = append(effects, n.lease()...)
	}
	if got := len(of[membership.Halt](effects)); got == 0 {
		t.Error("no Halt within ten seconds of the request to stop")
	}
}

func TestALeaverNeitherAccusesNorRefutes(t *testing.T) {
	n := startKnowing(t, member("2"), member("3"))
	told := missed(t, n, "3")
	waiting, _ := n.accusedByPeer("2", n.self().Incarnation)
	effects := stopBoth(n)
	answer := answerTo[membership.AnswerNews](t, effects, waiting)
	if len(answer.Newer) != 1 || answer.Newer[0].State != swim.Left {
		t.Errorf("the accuser who waited is answered %+v, want the goodbye", answer)
	}
	for _, push := range pushes(effects) {
		n.pushEnded(push, swim.Acked)
	}
	none[membership.Disseminate](t, n.pushEnded(told, swim.Silent)) // no verdict any more
	none[membership.Disseminate](t, n.verdict(n.row("2")))
	left := n.self()
	call, effects := n.accusedByPeer("2", left.Incarnation)
	answer = answerTo[membership.AnswerNews](t, effects, call)
	if len(answer.Newer) != 1 || answer.Newer[0].State != swim.Left || answer.DetectorDown {
		t.Errorf("a later accuser is answered %+v, want the goodbye", answer)
	}
	n.lease()
	if got := n.self(); swim.Compare(got, left) != 0 {
		t.Errorf("this node's row became %+v, want %+v", got, left)
	}
	effects = n.run(time.Minute)
	none[membership.Sync](t, effects)
	none[membership.Join](t, effects)
}

func TestALeaverRefusesJoinersAndTags(t *testing.T) {
	n := startKnowing(t, member("2"))
	n.feed(membership.LeaveRequested{Call: n.newCall()})
	call, effects := n.joins(member("6"))
	if got := answerTo[membership.AnswerJoin](t, effects, call).Refusal.Kind; got != membership.RefusedLeaving {
		t.Errorf("the joiner is refused as %d, want RefusedLeaving", got)
	}
	call = n.newCall()
	effects = n.feed(membership.TagsRequested{Call: call, Tags: map[string]string{"a": "b"}})
	if got := answerTo[membership.AnswerOperator](t, effects, call).Refusal.Kind; got != membership.RefusedLeaving {
		t.Errorf("the tags are refused as %d, want RefusedLeaving", got)
	}
}

func TestAJoinerThatWaitsWhenTheNodeLeavesIsAnswered(t *testing.T) {
	n := startKnowing(t, member("2"))
	call, _ := n.joins(member("6"))
	effects := n.feed(membership.LeaveRequested{Call: n.newCall()})
	effects = append(effects, n.run(10*time.Second)...)
	if got := answerTo[membership.AnswerJoin](t, effects, call).Refusal.Kind; got == 0 {
		t.Error("admitted by a node that has left")
	}
}
