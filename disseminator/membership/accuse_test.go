package membership_test

import (
	"slices"
	"testing"
	"time"

	"github.com/swimpair/swim/disseminator/membership"
	"github.com/swimpair/swim/proto/swim"
)

// accuse lets the own detector accuse a member and returns the call that tells it.
func accuse(t *testing.T, n *node, id swim.NodeID) membership.Disseminate {
	t.Helper()
	told := only[membership.Disseminate](t, n.verdict(n.row(id)))
	if !told.Accusation || told.To.ID != id {
		t.Fatalf("told %s (accusation: %t), want the accused", told.To.ID, told.Accusation)
	}
	return told
}

func TestTheAccusedIsToldBeforeAnybodyElse(t *testing.T) {
	n := startKnowing(t, member("2"), member("3"), member("4"))
	told := accuse(t, n, "3")
	want := member("3", as(swim.Suspect, swim.Unreachable), accusedBy("1"))
	if got := told.Members; len(got) != 1 || swim.Compare(got[0], want) != 0 {
		t.Errorf("the accused is told %+v, want %+v", got, want)
	}
	if told.Timeout != period {
		t.Errorf("it has %s to answer, want one protocol period", told.Timeout)
	}
	none[membership.Disseminate](t, n.run(told.Timeout)) // nobody hears of it meanwhile
	n.wantState("3", swim.Alive)
}

func TestARefutedAccusationChangesNothingForAnybodyElse(t *testing.T) {
	n := startKnowing(t, member("2"), member("3"), member("4"))
	told := accuse(t, n, "3")
	refuted := member("3", as(swim.Alive, swim.Refuted), at(oldIncarnation+1))
	effects := n.pushEnded(told, swim.Acked, refuted)
	if !saw(effects, membership.AccusationRefuted) {
		t.Error("nobody was told that the accusation was refuted")
	}
	none[membership.Disseminate](t, append(effects, n.run(5*period)...))
	if got := n.row("3"); swim.Compare(got, refuted) != 0 {
		t.Errorf("the row is %+v, want %+v", got, refuted)
	}
}

func TestAnUnansweredAccusationIsToldToEveryLiveMemberAtOnce(t *testing.T) {
	for _, evidence := range []swim.Evidence{swim.Silent, swim.Refused, swim.WrongTarget} {
		t.Run(evidence.String(), func(t *testing.T) {
			n := startKnowing(t, member("2"), member("3"), member("4"), member("5"),
				member("6", as(swim.Failed, swim.Unreachable)), member("7", as(swim.Left, swim.SaidGoodbye)),
				member("8", as(swim.Suspect, swim.Unreachable)))
			effects := n.pushEnded(accuse(t, n, "3"), evidence)
			failed := member("3", as(swim.Failed, swim.Unreachable), accusedBy("1"))
			if got := n.row("3"); swim.Compare(got, failed) != 0 {
				t.Errorf("the row is %+v, want %+v", got, failed)
			}
			// Neither this node, nor the failed one, nor those that take part no more.
			if got, want := receivers(pushes(effects)), []swim.NodeID{"2", "4", "5", "8"}; !slices.Equal(got, want) {
				t.Errorf("told %v, want %v", got, want)
			}
			for _, push := range pushes(effects) {
				if len(push.Members) != 1 || swim.Compare(push.Members[0], failed) != 0 {
					t.Errorf("node %s is told %+v, want %+v", push.To.ID, push.Members, failed)
				}
			}
		})
	}
}

func TestAMemberWhoseDetectorIsDownFailsForThatReason(t *testing.T) {
	n := startKnowing(t, member("2"), member("3"))
	told := accuse(t, n, "3")
	effects := n.feed(membership.NewsEnded{Number: told.Number, Evidence: swim.Acked, DetectorDown: true})
	if got := n.row("3"); got.State != swim.Failed || got.Reason != swim.DetectorDown {
		t.Errorf("the row says %s, %s; want failed, detector_down", got.State, got.Reason)
	}
	if got := pushes(effects)[0].Members[0].Reason; got != swim.DetectorDown {
		t.Errorf("the others are told %s, want detector_down", got)
	}
}

func TestAStaleVerdictChangesNothing(t *testing.T) {
	three := member("3", at(oldIncarnation+1))
	for name, verdict := range map[string]struct{ about, held swim.Member }{
		"an older incarnation":       {member("3"), three},
		"an incarnation yet to come": {member("3", at(oldIncarnation+2)), three},
		"another instance":           {member("3", at(oldIncarnation+1), ofInstance(29)), three},
		"a member that has failed":   {three, member("3", at(oldIncarnation+1), as(swim.Failed, swim.Unreachable))},
		"a member that has left":     {three, member("3", at(oldIncarnation+1), as(swim.Left, swim.SaidGoodbye))},
		"a member that nobody knows": {member("4"), three},
	} {
		t.Run(name, func(t *testing.T) {
			n := startKnowing(t, member("2"), verdict.held)
			effects := n.verdict(verdict.about)
			none[membership.Disseminate](t, effects)
			none[membership.Publish](t, effects)
			if !saw(effects, membership.AccusationStale) {
				t.Error("nobody was told that the verdict was stale")
			}
		})
	}
}

func TestAVerdictAboutThisNodeItselfChangesNothing(t *testing.T) {
	n := startKnowing(t, member("2"))
	effects := n.verdict(n.self())
	for _, told := range of[membership.Disseminate](effects) {
		effects = append(effects, n.pushEnded(told, swim.Silent)...)
	}
	none[membership.Disseminate](t, effects)
	n.wantState("1", swim.Alive)
}

func TestTwoReportsAtOnceMakeOneAccusation(t *testing.T) {
	n := startKnowing(t, member("2"), member("3"))
	told := accuse(t, n, "3")
	effects := n.verdict(n.row("3"))
	none[membership.Disseminate](t, effects)
	if saw(effects, membership.AccusationStarted) {
		t.Error("the second report started an accusation of its own")
	}
	if got := pushes(n.pushEnded(told, swim.Silent)); len(got) != 1 {
		t.Errorf("the failure was pushed %d times to the one other member", len(got))
	}
	none[membership.Disseminate](t, n.pushEnded(told, swim.Silent)) // its end, a second time
}

func TestSeveralMembersCanBeAccusedAtOnce(t *testing.T) {
	n := startKnowing(t, member("2"), member("3"), member("4"))
	three, four := accuse(t, n, "3"), accuse(t, n, "4")
	n.pushEnded(four, swim.Acked, member("4", at(oldIncarnation+1)))
	n.pushEnded(three, swim.Silent)
	n.wantState("3", swim.Failed)
	n.wantState("4", swim.Alive)
}

func TestAProcessThatWasPausedMakesNoVerdict(t *testing.T) {
	for name, during := range map[string]func(*node){
		"and hears of the end first": func(*node) {},
		"and ticks first":            func(n *node) { n.run(0) },
	} {
		t.Run(name, func(t *testing.T) {
			n := startKnowing(t, member("2"), member("3"))
			told := accuse(t, n, "3")
			n.stall(30 * time.Second)
			during(n)
			none[membership.Disseminate](t, n.pushEnded(told, swim.Silent))
			n.wantState("3", swim.Alive)
			t.Run("but a new one counts", func(t *testing.T) {
				n.pushEnded(accuse(t, n, "3"), swim.Silent)
				n.wantState("3", swim.Failed)
			})
		})
	}
}

func TestAVerdictIsMadeWithoutAPause(t *testing.T) {
	n := startKnowing(t, member("2"), member("3"))
	told := accuse(t, n, "3")
	n.run(told.Timeout) // ticking: the counterpart of the test above
	n.pushEnded(told, swim.Silent)
	n.wantState("3", swim.Failed)
}

func TestAnAccusationIsVoidOnceTheAccusedIsGoneOrHasReturned(t *testing.T) {
	for name, meanwhile := range map[string]swim.Member{
		"somebody else's verdict": member("3", as(swim.Failed, swim.Unreachable), accusedBy("2")),
		"a goodbye":               member("3", as(swim.Left, swim.SaidGoodbye)),
		"a restart":               member("3", at(oldIncarnation+1), ofInstance(31)),
		"a refutation":            member("3", at(oldIncarnation+1)),
	} {
		t.Run(name, func(t *testing.T) {
			n := startKnowing(t, member("2"), member("3"), member("4"))
			told := accuse(t, n, "3")
			n.hears(meanwhile)
			none[membership.Disseminate](t, n.pushEnded(told, swim.Silent))
			if got := n.row("3"); swim.Compare(got, meanwhile) != 0 {
				t.Errorf("the row is %+v, want %+v", got, meanwhile)
			}
		})
	}
}

func TestTheBareAccusationOfASeedPeerIsNotBelieved(t *testing.T) {
	for name, by := range map[string]membership.BareAccusationReceived{
		"by id":      {TargetID: "3"},
		"by address": {TargetAddress: member("3").DetectorAddress},
	} {
		t.Run(name, func(t *testing.T) {
			n := startKnowing(t, member("2"), member("3"))
			by.Call = n.newCall()
			effects := n.feed(by)
			if !answerTo[membership.AnswerBareAccusation](t, effects, by.Call).Known {
				t.Error("answered as if the member was unknown")
			}
			told := only[membership.Disseminate](t, effects)
			if !told.Accusation || told.To.ID != "3" {
				t.Fatalf("told %s, want the accused asked", told.To.ID)
			}
			none[membership.Disseminate](t, n.pushEnded(told, swim.Silent))
			n.wantState("3", swim.Alive)
		})
	}
	t.Run("about nobody, or about this node", func(t *testing.T) {
		n := startKnowing(t, member("2"))
		for _, target := range []membership.BareAccusationReceived{{TargetID: "8"}, {TargetAddress: "nowhere:1"}, {TargetID: "1"}} {
			target.Call = n.newCall()
			effects := n.feed(target)
			none[membership.Disseminate](t, effects)
			if got := answerTo[membership.AnswerBareAccusation](t, effects, target.Call).Known; got != (target.TargetID == "1") {
				t.Errorf("%+v is known: %t", target, got)
			}
		}
	})
}

func TestAnAccusationThatWasNotDeliveredProvesNothing(t *testing.T) {
	n := startKnowing(t, member("2"), member("3"))
	told := only[membership.Disseminate](t, n.verdict(member("3")))
	effects := n.pushEnded(told, swim.None)
	none[membership.Disseminate](t, effects)
	n.wantState("3", swim.Alive)
}
