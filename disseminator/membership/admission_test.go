package membership_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/swimpair/swim/disseminator/membership"
	"github.com/swimpair/swim/proto/swim"
)

func TestPushedRecordsAreBelieved(t *testing.T) {
	for _, m := range []swim.Member{
		member("3", as(swim.Suspect, swim.Unreachable), accusedBy("2")),
		member("3", as(swim.Failed, swim.Crashed), accusedBy("2")),
		member("3", as(swim.Alive, swim.Refuted), at(oldIncarnation+1)),
		member("4"),
	} {
		t.Run(fmt.Sprintf("%s of %s", m.State, m.ID), func(t *testing.T) {
			n := startKnowing(t, member("2"), member("3"))
			effects := n.hears(m)
			if got := n.row(m.ID); swim.Compare(got, m) != 0 {
				t.Errorf("the row is %+v, want %+v", got, m)
			}
			if got := published(effects); len(got) != 1 || swim.Compare(got[0].Member, m) != 0 {
				t.Errorf("watchers hear %+v, want that record once", got)
			}
		})
	}
}

func TestAGoodbyeIsBelievedFromWhoSaysItOnly(t *testing.T) {
	goodbye := member("3", as(swim.Left, swim.SaidGoodbye))
	t.Run("itself", func(t *testing.T) {
		n := startKnowing(t, member("2"), member("3"))
		n.hearsFrom("3", goodbye)
		n.wantState("3", swim.Left)
	})
	t.Run("somebody else", func(t *testing.T) {
		n := startKnowing(t, member("2"), member("3"))
		asked := only[membership.Disseminate](t, n.hearsFrom("2", goodbye))
		if !asked.Accusation || asked.To.ID != "3" {
			t.Fatalf("told %s, want the leaver asked", asked.To.ID)
		}
		n.wantState("3", swim.Alive)
		n.pushEnded(asked, swim.Silent) // it is gone indeed
		n.wantState("3", swim.Left)
	})
}

func TestADeathOutOfTheBlueIsASuspicionFirst(t *testing.T) {
	n := startKnowing(t, member("2"), member("3"), member("4"))
	dead := member("3", as(swim.Failed, swim.Unreachable), accusedBy("2"))
	n.hears(dead)
	n.wantState("3", swim.Suspect)
	n.hears(dead) // said twice, it is not truer
	n.run(period - time.Millisecond)
	n.wantState("3", swim.Suspect)
	n.run(period) // nobody speaks for it
	if got := n.row("3"); swim.Compare(got, dead) != 0 {
		t.Errorf("the row is %+v, want %+v", got, dead)
	}
}

func TestADeathIsBelievedOnceTheAccusedHasHadItsTime(t *testing.T) {
	n := startKnowing(t, member("2"), member("3"), member("4"))
	n.dies("3")
	n.wantState("3", swim.Failed)
}

func TestAFailureHeardBySyncIsNotBelievedAndTheAccusedIsAsked(t *testing.T) {
	hearsay := member("3", as(swim.Failed, swim.Unreachable), accusedBy("2"))
	n := startKnowing(t, member("2"), member("3"))
	effects := syncAnswer(t, n, hearsay)
	n.wantState("3", swim.Alive)
	told := only[membership.Disseminate](t, effects)
	if !told.Accusation || told.To.ID != "3" {
		t.Fatalf("told %s (accusation: %t), want the accused asked", told.To.ID, told.Accusation)
	}
	if got := told.Members[0].State; got != swim.Suspect {
		t.Errorf("the accused is told that it is %s, want suspect", got)
	}
	t.Run("its answer ends the difference", func(t *testing.T) {
		n.pushEnded(told, swim.Acked, member("3", as(swim.Alive, swim.Refuted), at(oldIncarnation+1)))
		if got := n.row("3"); got.State != swim.Alive || got.Incarnation != oldIncarnation+1 {
			t.Errorf("3 is %s at %d, want alive at %d", got.State, got.Incarnation, oldIncarnation+1)
		}
	})
}

// syncAnswer lets the next Sync with node 2 be answered with rows.
func syncAnswer(t *testing.T, n *node, newer ...swim.Member) []membership.Effect {
	t.Helper()
	for range 100 {
		for _, sync := range of[membership.Sync](n.run(period)) {
			if sync.Address == member("2").DisseminatorAddress {
				return n.syncEnded(sync, member("2"), newer...)
			}
			n.syncEnded(sync, member(sync.ID))
		}
	}
	t.Fatal("no Sync with node 2 in 100 periods")
	return nil
}

func TestWhatSilenceMakesOfHearsay(t *testing.T) {
	for _, test := range []struct {
		hearsay swim.Member
		want    swim.State
	}{
		{member("3", as(swim.Failed, swim.Unreachable)), swim.Alive}, // the own detector will see
		{member("3", as(swim.Left, swim.SaidGoodbye)), swim.Left},    // a goodbye that was missed
		{member("3", as(swim.Forgotten, swim.ForgottenByHand)), 0},   // not listed any more
	} {
		t.Run(test.hearsay.State.String(), func(t *testing.T) {
			n := startKnowing(t, member("2"), member("3"))
			told := only[membership.Disseminate](t, syncAnswer(t, n, test.hearsay))
			none[membership.Disseminate](t, n.pushEnded(told, swim.Silent))
			n.wantState("3", test.want)
		})
	}
}

func TestDeathsOfUnknownMembersAreTakenInFromASync(t *testing.T) {
	n := startKnowing(t, member("2"))
	none[membership.Disseminate](t, syncAnswer(t, n, member("3", as(swim.Failed, swim.Unreachable))))
	n.wantState("3", swim.Failed)
}

func TestAStalePushIsAnsweredWithTheRowThatBeatsIt(t *testing.T) {
	held := member("3", as(swim.Failed, swim.Unreachable), at(oldIncarnation+5), accusedBy("2"))
	for name, test := range map[string]struct {
		sent swim.Member
		want []swim.NodeID
	}{
		"a lower incarnation":  {member("3", at(oldIncarnation+4)), []swim.NodeID{"3"}},
		"a weaker state":       {member("3", at(oldIncarnation+5), as(swim.Suspect, swim.Unreachable)), []swim.NodeID{"3"}},
		"a higher accuser":     {member("3", as(swim.Failed, swim.Unreachable), at(oldIncarnation+5), accusedBy("4")), []swim.NodeID{"3"}},
		"the same record":      {held, nil},
		"a higher incarnation": {member("3", at(oldIncarnation+6)), nil},
	} {
		t.Run(name, func(t *testing.T) {
			n := startKnowing(t, member("2"), held)
			call := n.newCall()
			effects := n.feed(membership.NewsReceived{Call: call, Members: []swim.Member{test.sent}})
			newer := answerTo[membership.AnswerNews](t, effects, call).Newer
			if fmt.Sprint(about(newer)) != fmt.Sprint(test.want) {
				t.Fatalf("the answer has rows of %v, want %v", about(newer), test.want)
			}
			if len(newer) > 0 && swim.Compare(newer[0], held) != 0 {
				t.Errorf("the answer has %+v, want the row that is held", newer[0])
			}
		})
	}
}

func TestAnIncarnationJumpBeyondTheLimitIsRefused(t *testing.T) {
	const limit = swim.FirstIncarnationMin + swim.MaxIncarnationJump // nothing higher is known
	for _, test := range []struct {
		incarnation swim.Incarnation
		believed    bool
	}{{limit - 2, true}, {limit + 1, false}, {swim.MaxIncarnation, false}} {
		for _, state := range []swim.State{swim.Alive, swim.Failed} {
			n := startKnowing(t, member("2"), member("3"))
			effects := n.hears(member("3", as(state, swim.Unreachable), at(test.incarnation)))
			if got := n.row("3").Incarnation == test.incarnation; got != test.believed {
				t.Errorf("%s at %d was believed: %t, want %t", state, test.incarnation, got, test.believed)
			}
			if got := saw(effects, membership.RecordRefused); got == test.believed {
				t.Errorf("%s at %d was reported as refused: %t, want %t", state, test.incarnation, got, !test.believed)
			}
		}
	}
}

func TestTheTableIsBounded(t *testing.T) {
	const bound = 10_000
	n := startKnowing(t, member("2"))
	effects := n.hears(crowd(bound)...)
	if got := len(n.core.Snapshot().Members); got != bound {
		t.Errorf("the table holds %d members, want %d", got, bound)
	}
	if !saw(effects, membership.RecordRefused) {
		t.Error("nobody was told that records were refused")
	}
	n.hears(member("2", as(swim.Failed, swim.Crashed)))
	n.wantState("2", swim.Failed) // known members change as ever
	t.Run("for joiners too", func(t *testing.T) {
		call, effects := n.joins(member("6"))
		n.syncEnded(syncTo(t, effects, member("6")), member("6"))
		effects = n.reached(member("6"))
		if got := answerTo[membership.AnswerJoin](t, effects, call).Refusal.Kind; got != membership.RefusedFull {
			t.Errorf("refused as %d, want RefusedFull", got)
		}
	})
}

func TestRevisionsCountUpByOneFromTheSnapshot(t *testing.T) {
	n := start(t, contacts("4"))
	revision := n.core.Snapshot().Revision
	effects := n.hears(member("3"), member("4"))
	effects = append(effects, n.hears(member("3", as(swim.Failed, swim.Unreachable)))...)
	effects = append(effects, n.run(time.Minute)...)
	for _, change := range published(effects) {
		if revision++; change.Revision != revision {
			t.Fatalf("a change has the number %d, want %d", change.Revision, revision)
		}
	}
	if got := n.core.Snapshot().Revision; got != revision {
		t.Errorf("the snapshot says revision %d, want %d", got, revision)
	}
}
