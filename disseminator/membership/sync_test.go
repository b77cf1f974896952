package membership_test

import (
	"slices"
	"testing"
	"time"

	"github.com/swimpair/swim/disseminator/membership"
	"github.com/swimpair/swim/proto/swim"
)

func TestASyncFindsTheDifferenceBothWays(t *testing.T) {
	newer := at(oldIncarnation + 1)
	n := startKnowing(t, member("2"), member("3", newer), member("4"), member("5"), member("7"))
	effects := n.syncedBy(member("2"), member("2"), member("3"), member("4", newer), member("5"), member("6"))
	answer := only[membership.AnswerSync](t, effects)
	if got, want := about(answer.Newer), []swim.NodeID{"3", "7"}; !slices.Equal(got, want) {
		t.Errorf("the caller gets the rows of %v, want %v: it holds 3 older and lacks 7", got, want)
	}
	if got, want := answer.Wanted, []swim.NodeID{"4", "6"}; !slices.Equal(got, want) {
		t.Errorf("this node wants %v, want %v: it holds 4 older and lacks 6", got, want)
	}
	if swim.Compare(answer.Responder, n.self()) != 0 {
		t.Errorf("the answer is signed by %+v, want this node's row", answer.Responder)
	}
}

func TestWhatAPeerWantsIsHandedOver(t *testing.T) {
	n := startKnowing(t, member("2"), member("3"), member("4"))
	sync := nextSync(t, n, "2")
	effects := n.feed(membership.SyncEnded{
		Number: sync.Number, Evidence: swim.Acked, Responder: member("2"), Wanted: []swim.NodeID{"3", "1", "9"},
	})
	handed := syncTo(t, effects, member("2"))
	if got := about(handed.Members); handed.Range != nil || !slices.Equal(got, []swim.NodeID{"3"}) {
		t.Errorf("handed over %v with range %v, want 3 and no comparison", got, handed.Range)
	}
	none[membership.Sync](t, n.syncEnded(handed, member("2")))
	t.Run("and taken in there", func(t *testing.T) {
		other := startKnowing(t, member("2"))
		call := other.newCall()
		effects := other.feed(membership.SyncReceived{Call: call, Sender: member("2"), Members: handed.Members})
		answerTo[membership.AnswerSync](t, effects, call)
		other.wantState("3", swim.Alive)
	})
}

// nextSync lets time pass until a Sync with a member is out, and ends all others.
func nextSync(t *testing.T, n *node, id swim.NodeID) membership.Sync {
	t.Helper()
	for range 300 {
		for _, sync := range of[membership.Sync](n.run(period)) {
			if sync.ID == id {
				return sync
			}
			n.syncRefused(sync)
		}
	}
	t.Fatalf("no Sync with node %s in 300 periods", id)
	return membership.Sync{}
}

func TestTheSlowNetReachesEveryLiveMember(t *testing.T) {
	n := startKnowing(t, member("2"), member("3"), member("4", as(swim.Left, swim.SaidGoodbye)))
	count := map[swim.NodeID]int{}
	for n.now < 20*time.Minute {
		for _, sync := range of[membership.Sync](n.run(period)) {
			count[sync.ID]++
			n.syncEnded(sync, member(sync.ID))
		}
	}
	if got := count["2"] + count["3"]; count["2"] == 0 || count["3"] == 0 || got < 26 || got > 66 {
		t.Errorf("Syncs in twenty minutes: %v, want about one each thirty periods with 2 and 3", count)
	}
	if count["4"] > 0 {
		t.Errorf("%d Syncs with a member that has left", count["4"])
	}
}

func TestTablesBeyondTheSummaryLimitAreCoveredInPages(t *testing.T) {
	const limit, size, rounds = 2048, 5000, 60
	for name, dead := range map[string]func(i int) bool{
		"all are live": func(int) bool { return false },
		"many failed":  func(i int) bool { return i < 2000 },
	} {
		t.Run(name, func(t *testing.T) {
			n := startKnowing(t)
			n.hears(crowd(size, func(i int, m *swim.Member) {
				if dead(i) {
					m.State = swim.Failed
				}
			})...)
			compared := map[swim.NodeID]bool{}
			for count := 0; count < rounds; {
				for _, sync := range of[membership.Sync](n.run(period)) {
					if n.row(sync.ID).State == swim.Alive { // the others do not answer
						count++
						page(t, sync, limit, compared)
					}
					n.syncRefused(sync)
				}
			}
			if got, want := len(compared), size+1; got != want {
				t.Errorf("after %d Syncs %d of %d rows have been compared", rounds, got, want)
			}
		})
	}
}

// page checks one page of summaries and notes what it covers.
func page(t *testing.T, sync membership.Sync, limit int, compared map[swim.NodeID]bool) {
	t.Helper()
	if len(sync.Summaries) > limit {
		t.Fatalf("a Sync has %d summaries, want at most %d", len(sync.Summaries), limit)
	}
	for _, s := range sync.Summaries {
		if compared[s.ID] = true; !sync.Range.Contains(s.ID) {
			t.Fatalf("the summary of %s lies outside of the range %+v", s.ID, *sync.Range)
		}
	}
}

func TestAPageIsComparedWithinItsRangeOnly(t *testing.T) {
	n := startKnowing(t, member("2"), member("3"), member("4"), member("5"))
	effects := n.feed(membership.SyncReceived{
		Call: n.newCall(), Sender: member("2"), Range: &membership.IDRange{From: "3", To: "5"},
		Summaries: []swim.Summary{member("3").Summary()},
	})
	if got := about(only[membership.AnswerSync](t, effects).Newer); !slices.Equal(got, []swim.NodeID{"4"}) {
		t.Errorf("the caller gets the rows of %v, want 4 alone", got)
	}
}

func TestAnAnswerIsBoundedAndFurtherSyncsBringTheRest(t *testing.T) {
	const size = 1300
	rich := startKnowing(t, member("2"))
	rich.hears(crowd(size)...)
	poor := startKnowing(t, member("2"))
	for round := range 4 {
		in := membership.SyncReceived{Call: rich.newCall(), Sender: member("2"), Range: &membership.IDRange{}}
		for _, m := range poor.core.Snapshot().Members {
			in.Summaries = append(in.Summaries, m.Summary())
		}
		answer := only[membership.AnswerSync](t, rich.feed(in))
		if got := len(answer.Newer); got > 512 {
			t.Fatalf("round %d brings %d rows, want at most 512", round+1, got)
		}
		poor.hears(answer.Newer...)
	}
	if got := len(poor.core.Snapshot().Members); got != size+2 {
		t.Errorf("after four rounds %d members are known, want %d", got, size+2)
	}
}

func TestAnUnadmittedCallerSeesWhoHoldsItsID(t *testing.T) {
	for _, difference := range []swim.Incarnation{0, 5} { // even if the caller's record is newer
		held := member("3", ofInstance(31), moved)
		n := startKnowing(t, member("2"), held)
		caller := member("3", at(oldIncarnation+difference))
		answer := only[membership.AnswerSync](t, n.syncedBy(caller, caller, member("2")))
		if len(answer.Newer) != 1 || swim.Compare(answer.Newer[0], held) != 0 {
			t.Errorf("the caller gets %+v, want the record of its double", answer.Newer)
		}
	}
}

func TestAnUnknownCallerIsToldFirstThatItIsNoMember(t *testing.T) {
	n := startKnowing(t, member("2"))
	rows := []swim.Member{member("3"), member("4"), member("5")}
	answer := only[membership.AnswerSync](t, n.syncedBy(member("5"), rows...))
	if got := answer.Wanted; len(got) != 3 || got[0] != "5" {
		t.Errorf("wanted are %v, want the caller itself first", got)
	}
	n.wantState("5", 0) // saying so does not make it one
}

func TestAHealedFailedMemberComesBack(t *testing.T) {
	n := startKnowing(t, member("2"), member("3", as(swim.Failed, swim.Unreachable), accusedBy("1")))
	back := member("3", as(swim.Alive, swim.Refuted), at(oldIncarnation+1))
	sync := nextSync(t, n, "3") // failed members are tried for ever
	effects := n.syncEnded(sync, back)
	if got := n.row("3"); swim.Compare(got, back) != 0 {
		t.Errorf("the row is %+v, want %+v", got, back)
	}
	if got := receivers(pushes(effects)); !slices.Equal(got, []swim.NodeID{"2"}) {
		t.Errorf("its return is told to %v, want 2", got)
	}
}

func TestFailedMembersAreTriedInTurnAndForEver(t *testing.T) {
	failed := as(swim.Failed, swim.Unreachable)
	n := startKnowing(t, member("2", failed), member("3", failed), member("4", failed), member("5", as(swim.Left, swim.SaidGoodbye)))
	var tried []swim.NodeID
	for len(tried) < 9 && n.now < 10*time.Minute {
		for _, sync := range of[membership.Sync](n.run(period)) {
			tried = append(tried, sync.ID)
			n.syncRefused(sync)
		}
	}
	if want := []swim.NodeID{"2", "3", "4", "2", "3", "4", "2", "3", "4"}; !slices.Equal(tried, want) {
		t.Errorf("tried %v, want %v", tried, want)
	}
}

func TestANodeThatWasFailedWrongfullyHearsOfItBySyncAndRefutes(t *testing.T) {
	n := startKnowing(t, member("2"))
	failed := n.self()
	failed.State, failed.Incarnation = swim.Failed, failed.Incarnation+3
	n.syncedBy(member("2"), member("2"), failed)
	n.wantState("1", swim.Alive)
	n.lease()
	if got := n.self(); !swim.Supersedes(got, failed) {
		t.Errorf("this node is at %d, which does not beat failed at %d", got.Incarnation, failed.Incarnation)
	}
}

func TestAFailedMemberThatSyncsLearnsOfItsVerdict(t *testing.T) {
	held := member("3", as(swim.Failed, swim.Unreachable))
	n := startKnowing(t, member("2"), held)
	answer := only[membership.AnswerSync](t, n.syncedBy(member("3"), member("3"), member("2")))
	if len(answer.Newer) != 1 || swim.Compare(answer.Newer[0], held) != 0 {
		t.Errorf("it gets %+v, want the record to outbid", answer.Newer)
	}
}

func TestDifferingViewsAreComparedPageByPageOneComparisonAtATime(t *testing.T) {
	const size = 2500
	n := startKnowing(t, crowd(size)...)
	n.run(2 * period)
	first := only[membership.Sync](t, n.feed(membership.ViewsDiffer{Peer: "m00007"}))
	none[membership.Sync](t, n.feed(membership.ViewsDiffer{Peer: "m00008"})) // one at a time
	compared := 0
	for sync := first; ; {
		compared += len(sync.Summaries)
		next := of[membership.Sync](n.syncEnded(sync, n.row("m00007")))
		if len(next) == 0 {
			break
		}
		sync = next[0]
	}
	if compared != size+1 {
		t.Errorf("%d rows were compared, want %d", compared, size+1)
	}
	only[membership.Sync](t, n.feed(membership.ViewsDiffer{Peer: "m00008"}))
}

func TestThatViewsAgreeAgainIsToldWithTheTimeThatItTook(t *testing.T) {
	n := startKnowing(t, member("2"), member("3"))
	n.run(2 * period)
	effects := n.feed(membership.ViewsDiffer{Peer: "2"})
	if got := only[membership.Event](t, effects); got.Kind != membership.ViewsDiffered || got.Member != "2" {
		t.Errorf("got %+v, want that the views differ", got)
	}
	sync := only[membership.Sync](t, effects)
	none[membership.Event](t, n.run(30*time.Millisecond))
	effects = n.syncEnded(sync, n.row("2"))
	want := membership.Event{Kind: membership.ViewsAgree, Member: "2", Trace: sync.Trace, Detail: "mended in 30ms"}
	if got := only[membership.Event](t, effects); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestAComparisonThatFailedAgreesOnNothing(t *testing.T) {
	n := startKnowing(t, member("2"), member("3"))
	n.run(2 * period)
	sync := only[membership.Sync](t, n.feed(membership.ViewsDiffer{Peer: "2"}))
	for _, event := range of[membership.Event](n.syncRefused(sync)) {
		if event.Kind == membership.ViewsAgree {
			t.Errorf("got %+v after a failed comparison", event)
		}
	}
}
