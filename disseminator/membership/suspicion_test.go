package membership_test

import (
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/swimpair/swim/disseminator/membership"
	"github.com/swimpair/swim/proto/swim"
)

const (
	tolerance = time.Second
	longest   = 4 * time.Second
	lastWord  = 300 * time.Millisecond
)

// suspectBy is the row of member id as a peer accuses it.
func suspectBy(accuser, id swim.NodeID) swim.Member {
	return member(id, as(swim.Suspect, swim.Unreachable), accusedBy(accuser))
}

// confirms is a witness's word about a member's row as it stands here.
func (n *node) confirms(witness, id swim.NodeID) []membership.Effect {
	row := n.row(id)
	return n.feed(membership.NewsReceived{Call: n.newCall(), Sender: witness, Confirmations: []swim.Confirmation{
		{ID: id, Incarnation: row.Incarnation, Instance: row.Instance},
	}})
}

// askedAfter is how long it takes until a suspect is asked for the last time.
func askedAfter(t *testing.T, n *node, id swim.NodeID) time.Duration {
	t.Helper()
	start := n.now
	n.heard = true
	for n.now-start < time.Minute {
		for _, h := range of[membership.Heartbeat](n.run(time.Millisecond)) {
			if h.ProbeRequested == id {
				return n.now - start
			}
		}
	}
	t.Fatalf("%s is never asked for the last time", id)
	return 0
}

// others are so many live members with the ids from 2.
func others(n int) (all []swim.Member) {
	for i := range n {
		all = append(all, member(swim.NodeID(fmt.Sprint(i+2))))
	}
	return all
}

func TestEachConfirmationShortensTheLeadersTimer(t *testing.T) {
	for _, test := range []struct{ size, witnesses, expected int }{
		{2, 0, 0},
		{3, 0, 1}, {3, 1, 1},
		{5, 0, 3}, {5, 1, 3}, {5, 2, 3}, {5, 3, 3},
		{10, 1, 3}, {10, 3, 3}, {10, 5, 3},
	} {
		t.Run(fmt.Sprintf("n=%d, %d witnesses", test.size, test.witnesses), func(t *testing.T) {
			n := startKnowing(t, others(test.size-1)...)
			accuse(t, n, "2")
			for i := range test.witnesses {
				n.confirms(swim.NodeID(fmt.Sprint(i+3)), "2")
			}
			want := longest
			if test.expected > 0 { // Lifeguard, section IV-B
				share := math.Log(float64(test.witnesses+1)) / math.Log(float64(test.expected+1))
				want = max(tolerance, longest-time.Duration(share*float64(longest-tolerance)))
			}
			if got := askedAfter(t, n, "2"); got < want || got > want+2*time.Millisecond {
				t.Errorf("its time is over after %s, want %s", got, want)
			}
		})
	}
}

func TestOnlyFirstHandWitnessesOfThatIncarnationCount(t *testing.T) {
	for name, word := range map[string]func(n *node){
		"one witness twice":      func(n *node) { n.confirms("3", "2"); n.confirms("3", "2") },
		"the suspect itself":     func(n *node) { n.confirms("3", "2"); n.confirms("2", "2") },
		"this node":              func(n *node) { n.confirms("3", "2"); n.confirms("1", "2") },
		"a stranger":             func(n *node) { n.confirms("3", "2"); n.confirms("77", "2") },
		"a member that is gone":  func(n *node) { n.confirms("3", "2"); n.confirms("9", "2") },
		"a row that was pushed":  func(n *node) { n.confirms("3", "2"); n.hearsFrom("4", suspectBy("4", "2")) },
		"another incarnation":    func(n *node) { n.confirms("3", "2"); n.confirmsOf("4", member("2", at(oldIncarnation+1))) },
		"another life":           func(n *node) { n.confirms("3", "2"); n.confirmsOf("4", member("2", ofInstance(21))) },
		"somebody else's member": func(n *node) { n.confirms("3", "2"); n.confirmsOf("4", member("5")) },
	} {
		t.Run(name, func(t *testing.T) {
			n := startKnowing(t, append(others(7), member("9", as(swim.Failed, swim.Unreachable)))...)
			accuse(t, n, "2")
			word(n)
			one := longest - (longest-tolerance)/2 // of three that are expected
			if got := askedAfter(t, n, "2"); got < one || got > one+2*time.Millisecond {
				t.Errorf("its time is over after %s, want %s: one witness", got, one)
			}
		})
	}
}

func (n *node) confirmsOf(witness swim.NodeID, m swim.Member) []membership.Effect {
	return n.feed(membership.NewsReceived{Call: n.newCall(), Sender: witness, Confirmations: []swim.Confirmation{
		{ID: m.ID, Incarnation: m.Incarnation, Instance: m.Instance},
	}})
}

func TestBothHalvesAreAskedBeforeASuspectIsFailed(t *testing.T) {
	n := startKnowing(t, others(4)...)
	for _, push := range pushes(accuse(t, n, "2")) {
		n.pushEnded(push, swim.Acked)
	}
	effects := n.run(longest)
	asked := slices.DeleteFunc(of[membership.Disseminate](effects), func(d membership.Disseminate) bool { return !d.Accusation })
	if len(asked) != 1 || asked[0].To.ID != "2" || asked[0].Members[0].State != swim.Suspect || asked[0].Timeout != lastWord {
		t.Fatalf("its disseminator is asked %+v, want once, with the suspicion", asked)
	}
	probed := slices.ContainsFunc(of[membership.Heartbeat](effects), func(h membership.Heartbeat) bool { return h.ProbeRequested == "2" })
	if !probed {
		t.Error("its detector is not asked")
	}
	none[membership.Disseminate](t, n.run(lastWord-time.Millisecond))
	n.wantState("2", swim.Suspect)
	effects = n.run(time.Millisecond)
	failed := member("2", as(swim.Failed, swim.Unreachable), accusedBy("1"))
	if got := n.row("2"); swim.Compare(got, failed) != 0 {
		t.Errorf("the row is %+v, want %+v", got, failed)
	}
	if got, want := receivers(pushes(effects)), []swim.NodeID{"3", "4", "5"}; !slices.Equal(got, want) {
		t.Errorf("told %v, want %v", got, want)
	}
}

func TestASuspectThatAnswersTheLastQuestionHasItsTimeAnew(t *testing.T) {
	for name, answer := range map[string]func(n *node, asked membership.Disseminate){
		"its detector":     func(n *node, _ membership.Disseminate) { n.reached(member("2")) },
		"its disseminator": func(n *node, asked membership.Disseminate) { n.pushEnded(asked, swim.Acked) },
	} {
		t.Run(name, func(t *testing.T) {
			n := startKnowing(t, others(4)...)
			n.heard = true
			n.taken(accuse(t, n, "2"))
			effects := n.run(longest)
			calls := of[membership.Disseminate](effects)
			answer(n, calls[slices.IndexFunc(calls, func(d membership.Disseminate) bool { return d.Accusation })])
			n.run(longest - time.Millisecond)
			n.wantState("2", swim.Suspect)
		})
	}
}

func TestTheLowestOfSeveralAccusersLeads(t *testing.T) {
	t.Run("it is another", func(t *testing.T) {
		n := startKnowing(t, member("0"), member("2"), member("3"), member("4"))
		for _, push := range pushes(accuse(t, n, "2")) {
			n.pushEnded(push, swim.Acked)
		}
		effects := n.hearsFrom("0", suspectBy("0", "2"))
		told := only[membership.Disseminate](t, effects)
		if told.To.ID != "0" || len(told.Confirmations) != 1 || told.Confirmations[0].ID != "2" || len(told.Members) > 0 {
			t.Errorf("node %s is told %+v, want the new leader told of this node's own finding", told.To.ID, told)
		}
		if got := n.row("2").Accuser; got != "0" {
			t.Errorf("the accuser is %s, want 0", got)
		}
	})
	t.Run("it is this node", func(t *testing.T) {
		n := startKnowing(t, others(4)...)
		accuse(t, n, "2")
		answer := only[membership.AnswerNews](t, n.hearsFrom("3", suspectBy("3", "2")))
		if len(answer.Newer) != 1 || answer.Newer[0].Accuser != "1" {
			t.Errorf("the other accuser is answered %+v, want the row that leads", answer.Newer)
		}
	})
}

func TestEverybodyElseWaitsLongerThanTheLeaderWouldAndByRank(t *testing.T) {
	seen := map[time.Duration]bool{}
	all := others(6)
	ids := []swim.NodeID{"1", "2", "3", "4", "5", "6", "7"}
	for _, id := range []swim.NodeID{"3", "4", "5", "6", "7"} {
		n := startAs(t, id)
		n.hears(append(slices.DeleteFunc(slices.Clone(all), func(m swim.Member) bool { return m.ID == id }), member("1"))...)
		n.hears(suspectBy("1", "2"))
		rank := swim.RankAmong(slices.DeleteFunc(slices.Clone(ids), func(o swim.NodeID) bool { return o == "1" }), id, "2")
		want := longest + time.Duration(rank)*50*time.Millisecond
		n.confirms("3", "2") // only the leader counts
		got := askedAfter(t, n, "2")
		if got < want || got > want+2*time.Millisecond {
			t.Errorf("node %s, of rank %d, waits %s, want %s", id, rank, got, want)
		}
		if seen[want] {
			t.Errorf("two nodes wait %s", want)
		}
		seen[want] = true
	}
}

func TestAWitnessTellsTheAccusedIfTheLeadersWordDidNotGetThrough(t *testing.T) {
	told := 0
	for _, id := range []swim.NodeID{"3", "4", "5", "6", "7", "8", "9"} {
		n := startAs(t, id)
		n.hears(append(slices.DeleteFunc(others(8), func(m swim.Member) bool { return m.ID == id }), member("1"))...)
		effects := append(n.hears(suspectBy("1", "2")), n.run(200*time.Millisecond)...)
		for _, d := range of[membership.Disseminate](effects) {
			if d.Accusation && d.To.ID == "2" && d.Members[0].Accuser == "1" {
				told++
			}
		}
	}
	if told != 4 {
		t.Errorf("%d of seven tell the accused, want the four of the lowest rank", told)
	}
}

func TestAWitnessPassesTheAnswerOnToTheLeader(t *testing.T) {
	n := witness(t)
	n.hears(suspectBy("1", "2"))
	call := only[membership.Disseminate](t, n.run(200*time.Millisecond))
	refuted := member("2", as(swim.Alive, swim.Refuted), at(oldIncarnation+1))
	passed := pushesTo(n.pushEnded(call, swim.Acked, refuted), "1")
	if len(passed) != 1 || swim.Compare(passed[0].Members[0], refuted) != 0 {
		t.Errorf("the leader is told %+v, want the answer", passed)
	}
}

func TestAWitnessConfirmsOnceToTheLeaderAlone(t *testing.T) {
	n := witness(t)
	n.hears(suspectBy("1", "2"))
	told := only[membership.Disseminate](t, n.verdict(n.row("2")))
	if told.To.ID != "1" || len(told.Confirmations) != 1 || told.Accusation {
		t.Errorf("node %s is told %+v, want the leader told of one finding", told.To.ID, told)
	}
	none[membership.Disseminate](t, append(n.pushEnded(told, swim.Acked), n.verdict(n.row("2"))...))
}

// witness is a node among the ranked observers of node 2.
func witness(t *testing.T) *node {
	t.Helper()
	n := startAs(t, "3") // of two observers both are ranked
	n.hears(member("1"), member("2"), member("4"))
	return n
}

func TestARefutationEndsASuspicionAndANewerIncarnationIsAnother(t *testing.T) {
	n := startKnowing(t, others(4)...)
	accuse(t, n, "2")
	n.confirms("3", "2")
	n.confirms("4", "2")
	n.hearsFrom("2", member("2", as(swim.Alive, swim.Refuted), at(oldIncarnation+1)))
	n.wantState("2", swim.Alive)
	n.run(10 * period)
	n.wantState("2", swim.Alive)
	accuse(t, n, "2")
	if got := askedAfter(t, n, "2"); got < longest {
		t.Errorf("the new suspicion is over after %s, want %s: nobody has confirmed it", got, longest)
	}
}

func TestMostMembersSuspectTogetherAreHeldBackOnceAndWatchersHearOfIt(t *testing.T) {
	n := startKnowing(t, others(5)...)
	n.heard = true
	for _, id := range []swim.NodeID{"2", "3", "4"} {
		n.taken(accuse(t, n, id))
	}
	if !n.core.Snapshot().PartitionSuspected {
		t.Error("no partition is suspected, with three of five others suspect")
	}
	n.run(longest + lastWord + time.Millisecond)
	n.wantState("2", swim.Suspect)
	n.run(longest)
	n.wantState("2", swim.Failed)
	if n.core.Snapshot().PartitionSuspected {
		t.Error("a partition is still suspected when the suspicions are over")
	}
}

// Timers that go off while nothing comes in, or goes out, are no judges.
func TestANodeThatNobodyAnswersHoldsItsVerdictBackForAWhile(t *testing.T) {
	n := startKnowing(t, others(5)...)
	accuse(t, n, "2") // nobody takes what it pushes
	n.run(longest + lastWord + time.Second)
	n.wantState("2", swim.Suspect)
	n.run(30 * time.Second)
	n.wantState("2", swim.Failed)
}

func TestTwoSuspectsAreNoPartition(t *testing.T) {
	n := startKnowing(t, others(2)...)
	accuse(t, n, "2")
	accuse(t, n, "3")
	n.run(longest + lastWord + time.Millisecond)
	n.wantState("2", swim.Failed)
}

func TestALiarsAccusationsStopCounting(t *testing.T) {
	n := startKnowing(t, others(8)...)
	lie := func(incarnation swim.Incarnation) []membership.Effect {
		effects := n.hearsFrom("3", member("2", as(swim.Suspect, swim.Unreachable), accusedBy("3"), at(incarnation)))
		n.hearsFrom("2", member("2", as(swim.Alive, swim.Refuted), at(incarnation+1)))
		return effects
	}
	for i := range swim.Incarnation(3) {
		if lie(oldIncarnation + i); n.row("2").Incarnation != oldIncarnation+i+1 {
			t.Fatalf("lie %d: node 2 is at %d", i+1, n.row("2").Incarnation)
		}
	}
	for _, change := range published(lie(oldIncarnation + 3)) {
		if change.Member.State == swim.Suspect {
			t.Error("a fourth lie within a minute is believed")
		}
	}
	n.run(time.Minute + time.Millisecond)
	n.hearsFrom("3", member("2", as(swim.Suspect, swim.Unreachable), accusedBy("3"), at(n.row("2").Incarnation)))
	n.wantState("2", swim.Suspect) // it may be right now
}

func TestAnAccuserWhoseVictimAnswersLateIsNoLiar(t *testing.T) {
	n := startKnowing(t, others(8)...)
	for i := range swim.Incarnation(4) {
		n.hearsFrom("3", member("2", as(swim.Suspect, swim.Unreachable), accusedBy("3"), at(oldIncarnation+i)))
		n.wantState("2", swim.Suspect)
		n.run(500 * time.Millisecond) // it was stopped
		n.hearsFrom("2", member("2", as(swim.Alive, swim.Refuted), at(oldIncarnation+i+1)))
	}
}
