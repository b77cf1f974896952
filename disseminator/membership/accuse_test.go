package membership_test

import (
	"slices"
	"testing"
	"time"

	"github.com/swimpair/swim/disseminator/membership"
	"github.com/swimpair/swim/proto/swim"
)

// missed lets the own detector miss an ack, and returns the call that asks the accused.
func missed(t *testing.T, n *node, id swim.NodeID) membership.Disseminate {
	t.Helper()
	row := n.row(id)
	asked := only[membership.Disseminate](t, n.feed(membership.PingMissed{Target: id, Incarnation: row.Incarnation, Instance: row.Instance}))
	if !asked.Accusation || asked.To.ID != id {
		t.Fatalf("asked %s (accusation: %t), want the accused", asked.To.ID, asked.Accusation)
	}
	return asked
}

// accuse makes this node an accuser: no ack, no answer, no path.
func accuse(t *testing.T, n *node, id swim.NodeID) []membership.Effect {
	t.Helper()
	n.pushEnded(missed(t, n, id), swim.Silent)
	return n.verdict(n.row(id))
}

func TestTheAccusedIsAskedBeforeAnybodyElseHearsOfIt(t *testing.T) {
	n := startKnowing(t, member("2"), member("3"), member("4"))
	asked := missed(t, n, "3")
	if got := asked.Members; len(got) != 1 || swim.Compare(got[0], member("3")) != 0 {
		t.Errorf("the accused is shown %+v, want its row as it stands", got)
	}
	if asked.Timeout != period {
		t.Errorf("it has %s to answer, want one protocol period", asked.Timeout)
	}
	none[membership.Disseminate](t, n.run(asked.Timeout)) // nobody hears of it meanwhile
	n.wantState("3", swim.Alive)
	none[membership.Disseminate](t, n.pushEnded(asked, swim.Silent)) // without a verdict it means nothing
	n.wantState("3", swim.Alive)
}

func TestAMemberThatAnswersForItselfIsNotSuspected(t *testing.T) {
	refuted := member("3", as(swim.Alive, swim.Refuted), at(oldIncarnation+1))
	for name, newer := range map[string][]swim.Member{
		"it vouches for its detector": {member("3")},
		"it was accused by others":    {refuted},
	} {
		t.Run(name, func(t *testing.T) {
			n := startKnowing(t, member("2"), member("3"), member("4"))
			effects := n.pushEnded(missed(t, n, "3"), swim.Acked, newer...)
			effects = append(effects, n.verdict(member("3"))...)
			if !saw(effects, membership.AccusationRefuted) {
				t.Error("nobody was told that the accusation was refuted")
			}
			none[membership.Disseminate](t, append(effects, n.run(5*period)...))
			if got := n.row("3"); swim.Compare(got, newer[0]) != 0 {
				t.Errorf("the row is %+v, want %+v", got, newer[0])
			}
		})
	}
}

func TestAVerdictWithoutAnAnswerIsASuspicionThatEveryLiveMemberHearsOfAtOnce(t *testing.T) {
	for _, evidence := range []swim.Evidence{swim.Silent, swim.Refused, swim.WrongTarget} {
		t.Run(evidence.String(), func(t *testing.T) {
			n := startKnowing(t, member("2"), member("3"), member("4"), member("5"),
				member("6", as(swim.Failed, swim.Unreachable)))
			n.hears(member("7", as(swim.Left, swim.SaidGoodbye)), member("8", as(swim.Suspect, swim.Unreachable), accusedBy("2")))
			n.pushEnded(missed(t, n, "3"), evidence)
			effects := n.verdict(member("3"))
			suspect := member("3", as(swim.Suspect, swim.Unreachable), accusedBy("1"))
			if got := n.row("3"); swim.Compare(got, suspect) != 0 {
				t.Errorf("the row is %+v, want %+v", got, suspect)
			}
			// Neither this node, nor those that take part no more; but the accused itself.
			if got, want := receivers(pushes(effects)), []swim.NodeID{"2", "3", "4", "5", "8"}; !slices.Equal(got, want) {
				t.Errorf("told %v, want %v", got, want)
			}
			for _, push := range pushes(effects) {
				if len(push.Members) != 1 || swim.Compare(push.Members[0], suspect) != 0 {
					t.Errorf("node %s is told %+v, want %+v", push.To.ID, push.Members, suspect)
				}
			}
		})
	}
}

func TestAnAnswerThatComesAfterTheVerdictIsWaitedForNoLongerThanALastWord(t *testing.T) {
	n := startKnowing(t, member("2"), member("3"))
	asked := missed(t, n, "3")
	n.run(period / 10)
	none[membership.Disseminate](t, n.verdict(member("3"))) // all proxies have given up early
	none[membership.Disseminate](t, n.run(lastWord-period/10-time.Millisecond))
	n.run(time.Millisecond)
	n.wantState("3", swim.Suspect)
	n.pushEnded(asked, swim.Acked, member("3", as(swim.Alive, swim.Refuted), at(oldIncarnation+1)))
	n.wantState("3", swim.Alive)
}

func TestAMemberThatWasNotAskedYetIsAskedWhenTheVerdictComes(t *testing.T) {
	n := startKnowing(t, member("2"), member("3"))
	asked := only[membership.Disseminate](t, n.verdict(member("3")))
	if !asked.Accusation || asked.To.ID != "3" {
		t.Fatalf("told %s, want the accused asked", asked.To.ID)
	}
	none[membership.Disseminate](t, n.verdict(member("3"))) // one is enough
	n.wantState("3", swim.Alive)
	n.pushEnded(asked, swim.Silent)
	n.wantState("3", swim.Suspect)
}

func TestAMemberWhoseDisseminatorDoesNotHearItsDetectorIsSuspectForThatReason(t *testing.T) {
	n := startKnowing(t, member("2"), member("3"))
	n.feed(membership.NewsEnded{Number: missed(t, n, "3").Number, Evidence: swim.Acked, DetectorDown: true})
	effects := n.verdict(member("3"))
	if got := n.row("3"); got.State != swim.Suspect || got.Reason != swim.DetectorDown {
		t.Errorf("the row says %s, %s; want suspect, detector_down", got.State, got.Reason)
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

func TestSeveralMembersCanBeAccusedAtOnce(t *testing.T) {
	n := startKnowing(t, member("2"), member("3"), member("4"))
	three, four := missed(t, n, "3"), missed(t, n, "4")
	n.pushEnded(four, swim.Acked, member("4"))
	n.pushEnded(three, swim.Silent)
	n.verdict(member("3"))
	n.verdict(member("4"))
	n.wantState("3", swim.Suspect)
	n.wantState("4", swim.Alive)
}

func TestAnAccusationIsVoidOnceTheAccusedIsGoneOrHasReturned(t *testing.T) {
	for name, meanwhile := range map[string]swim.Member{
		"somebody else's crash verdict": member("3", as(swim.Failed, swim.Crashed), accusedBy("2")),
		"a restart":                     member("3", at(oldIncarnation+1), ofInstance(31)),
		"a refutation":                  member("3", at(oldIncarnation+1)),
	} {
		t.Run(name, func(t *testing.T) {
			n := startKnowing(t, member("2"), member("3"), member("4"))
			asked := missed(t, n, "3")
			n.hears(meanwhile)
			effects := n.pushEnded(asked, swim.Silent)
			none[membership.Disseminate](t, append(effects, n.verdict(member("3"))...))
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
			effects = n.pushEnded(told, swim.Silent)
			none[membership.Disseminate](t, effects)
			if got := only[membership.Heartbeat](t, effects).ProbeRequested; got != "3" {
				t.Errorf("the own detector is asked to probe %q, want the silent accused", got)
			}
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
	effects := n.pushEnded(missed(t, n, "3"), swim.None)
	none[membership.Disseminate](t, append(effects, n.verdict(member("3"))...))
	n.wantState("3", swim.Alive)
}

// Another node may have got the address of a member that is gone.
func TestWhoAnswersAtAMembersAddressDoesNotSpeakForIt(t *testing.T) {
	for name, answer := range map[string]membership.NewsEnded{
		"vouching":     {ResponderID: "9", ResponderInstance: 90},
		"accusing":     {ResponderID: "9", ResponderInstance: 90, Newer: []swim.Member{member("2", as(swim.Failed, swim.Unreachable))}},
		"another life": {ResponderID: "2", ResponderInstance: 21},
	} {
		t.Run(name, func(t *testing.T) {
			n := startKnowing(t, others(4)...)
			asked := missed(t, n, "2")
			answer.Number, answer.Evidence = asked.Number, swim.Acked
			n.feed(answer)
			n.wantState("2", swim.Alive)
			n.verdict(n.row("2"))
			n.wantState("2", swim.Suspect)
		})
	}
}
