package membership_test

import (
	"slices"
	"testing"
	"time"

	"github.com/swimpair/swim/disseminator/membership"
	"github.com/swimpair/swim/proto/swim"
)

// Faults of the program that this one grew from ("origin"), and bugs of membership systems
// in the field, each as one test of the core.

func TestOriginFault01NobodyElseHearsOfAFailure(t *testing.T) {
	finder := startKnowing(t, member("2"), member("3"), member("4"))
	for _, push := range suspecting(t, finder, "3") {
		if push.To.ID == "3" {
			continue // the accused
		}
		other := startAs(t, push.To.ID)
		other.hears(member("1"), member("2"), member("3"), member("4"))
		effects := other.hears(push.Members...)
		other.wantState("3", swim.Suspect)
		if got := published(effects); len(got) != 1 || got[0].Member.State != swim.Suspect {
			t.Errorf("the detector of node %s is told %+v, want that 3 is suspect", push.To.ID, got)
		}
	}
}

func TestOriginFault05TheFailedNodeAndTheTellerAreTold(t *testing.T) {
	n := startKnowing(t, member("2"), member("3"), member("4"))
	for _, push := range suspecting(t, n, "3") {
		n.pushEnded(push, swim.Acked)
	}
	var told []swim.NodeID
	for range 100 { // in ten periods it fails
		for _, push := range pushes(n.run(period / 10)) {
			told = append(told, push.To.ID)
			n.pushEnded(push, swim.Acked)
		}
	}
	n.wantState("3", swim.Failed)
	if slices.Contains(told, "1") || slices.Contains(told, "3") || len(told) != 2 {
		t.Errorf("told %v of the failure, want 2 and 4", told)
	}
}

func TestOriginFault08OneFailedRoundEvictsForGood(t *testing.T) {
	n := startKnowing(t, member("2"), member("3"))
	n.pushEnded(suspecting(t, n, "3")[0], swim.Acked)
	again := member("3", at(oldIncarnation+1), ofInstance(31))
	call, effects := n.joins(again)
	n.syncEnded(syncTo(t, effects, again), again)
	effects = n.reached(again)
	answerTo[membership.AnswerJoin](t, effects, call)
	n.wantState("3", swim.Alive)
	if got := receivers(pushes(effects)); !slices.Equal(got, []swim.NodeID{"2"}) {
		t.Errorf("its return is told to %v, want 2", got)
	}
}

func TestOriginFault11JoinTellsNobodyAndAnswersWithAConstantList(t *testing.T) {
	n := startKnowing(t, member("2"), member("3", as(swim.Failed, swim.Unreachable)))
	call, effects := n.joins(member("6"))
	n.syncEnded(syncTo(t, effects, member("6")), member("6"))
	effects = n.reached(member("6"))
	list := answerTo[membership.AnswerJoin](t, effects, call).Members
	states := map[swim.NodeID]swim.State{}
	for _, m := range list {
		states[m.ID] = m.State
	}
	want := map[swim.NodeID]swim.State{"1": swim.Alive, "2": swim.Alive, "3": swim.Failed, "6": swim.Alive}
	for id, state := range want {
		if states[id] != state {
			t.Errorf("the list says %s of %s, want %s", states[id], id, state)
		}
	}
	if got := receivers(pushes(effects)); !slices.Equal(got, []swim.NodeID{"2"}) {
		t.Errorf("the newcomer is announced to %v, want 2", got)
	}
}

func TestOriginFault14AFailureCostsASquareOfMessages(t *testing.T) {
	const size = 15 // more are told through heads
	others := crowd(size)
	n := startKnowing(t, others...)
	sent := suspecting(t, n, others[7].ID)
	if got, want := len(sent), size; got != want {
		t.Errorf("%d pushes, want %d: one to every live member", got, want)
	}
	receiver := startKnowing(t, others...)
	none[membership.Disseminate](t, receiver.hears(sent[0].Members...)) // and nobody passes it on
}

func TestOriginFault15AnIDIsDerivedFromThePort(t *testing.T) {
	odd := member("3", func(m *swim.Member) { m.ID, m.DetectorAddress, m.DisseminatorAddress = "db-a.7", "db:7000", "db:9000" })
	n := startKnowing(t, member("2"))
	call, effects := n.joins(odd)
	n.syncEnded(syncTo(t, effects, odd), odd)
	answerTo[membership.AnswerJoin](t, n.reached(odd), call)
	if got := n.row("db-a.7"); swim.Compare(got, odd) != 0 {
		t.Errorf("the row is %+v, want %+v", got, odd)
	}
}

func TestOriginFault17ANodeIsNotInItsOwnList(t *testing.T) {
	n := start(t, contacts("2"))
	n.wantState("1", swim.Alive)
}

func TestFieldStaleAliveIsAnsweredSoThatTheNodeCanOutbid(t *testing.T) {
	// After a mass restart: alive at 1 against failed at 100.
	joiner := startAs(t, "3")
	dead := joiner.self()
	dead.State, dead.Incarnation = swim.Failed, dead.Incarnation+100
	n := startKnowing(t, member("2"), dead)
	meet(t, n, joiner)
	n.wantState("3", swim.Alive)
}

func TestFieldAHigherDeathIsRecordedAndOutlivesALateAlive(t *testing.T) {
	n := startKnowing(t, member("2"), member("3", as(swim.Failed, swim.Unreachable), at(1)))
	n.hears(member("3", as(swim.Failed, swim.Unreachable), at(10)))
	n.hears(member("3", at(2)))
	if got := n.row("3"); got.State != swim.Failed || got.Incarnation != 10 {
		t.Errorf("3 is %s at %d, want failed at 10", got.State, got.Incarnation)
	}
}

func TestFieldAProbeOfTheFormerLifeDoesNotKillTheNewOne(t *testing.T) {
	n := startKnowing(t, member("2"), member("3"))
	old := n.row("3")
	told := missed(t, n, "3")
	again := member("3", at(oldIncarnation+1), ofInstance(31))
	n.hears(again)
	n.pushEnded(told, swim.Silent)
	n.verdict(old)
	if got := n.row("3"); swim.Compare(got, again) != 0 {
		t.Errorf("the row is %+v, want the new life: %+v", got, again)
	}
}

func TestFieldARestartDoesNotStartBelowItsFormerLife(t *testing.T) {
	n := start(t, bootstrap("2"))
	former := formerLife(n, swim.Alive)
	endJoin(t, n, member("2"), former)
	if got := n.self().Incarnation; got != former.Incarnation+1 {
		t.Errorf("after the first answer the incarnation is %d, want %d", got, former.Incarnation+1)
	}
}

func TestFieldTheDeadAreRememberedAndTriedAfterALongPartition(t *testing.T) {
	n := startKnowing(t, member("2", as(swim.Failed, swim.Unreachable)), member("3", as(swim.Failed, swim.Unreachable)))
	n.run(24 * time.Hour)
	for _, id := range []swim.NodeID{"2", "3"} {
		n.wantState(id, swim.Failed)
		n.syncEnded(nextSync(t, n, id), member(id, at(oldIncarnation+1)))
		n.wantState(id, swim.Alive)
	}
}

func TestFieldAFloodAboutOneMemberDoesNotOverflowAQueue(t *testing.T) {
	n := startKnowing(t, member("2"))
	tag := func(value string) []membership.Effect {
		return n.feed(membership.TagsRequested{Call: n.newCall(), Tags: map[string]string{"v": value}})
	}
	push := only[membership.Disseminate](t, tag("first"))
	for range 5000 {
		none[membership.Disseminate](t, tag("again"))
	}
	tag("last")
	next := only[membership.Disseminate](t, n.pushEnded(push, swim.Acked))
	if len(next.Members) != 1 || next.Members[0].Tags["v"] != "last" {
		t.Errorf("the next message has %+v, want the newest row alone", next.Members)
	}
}

func TestFieldALeftMembersIDIsFreeAtOnceAtAnotherAddress(t *testing.T) {
	n := startKnowing(t, member("2"), member("3", as(swim.Left, swim.SaidGoodbye)))
	again := member("3", at(oldIncarnation+1), ofInstance(31), moved)
	call, effects := n.joins(again)
	n.syncEnded(syncTo(t, effects, again), again)
	effects = n.reached(again)
	if got := answerTo[membership.AnswerJoin](t, effects, call).Refusal; got.Kind != 0 {
		t.Errorf("refused: %s", got.Text)
	}
	none[membership.Sync](t, effects) // nobody has to ask at the old address
}

func TestFieldTwoIdentitiesOnOneAddressDoNotFlap(t *testing.T) {
	n := startKnowing(t, member("2"), member("3"))
	twin := member("4", func(m *swim.Member) {
		m.DetectorAddress, m.DisseminatorAddress = member("3").DetectorAddress, member("3").DisseminatorAddress
	})
	changes := 0
	effects := n.syncedBy(twin, twin)
	for range 100 { // node 3 is who answers there
		for _, sync := range syncsTo(effects, twin) {
			changes += len(published(n.syncEnded(sync, member("3"))))
		}
		effects = append(n.reached(member("3")), n.run(period)...)
	}
	n.wantState("4", 0)
	n.wantState("3", swim.Alive)
	if changes > 4 {
		t.Errorf("watchers heard %d changes", changes)
	}
}
