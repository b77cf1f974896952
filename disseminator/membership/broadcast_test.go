package membership_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/swimpair/swim/disseminator/membership"
	"github.com/swimpair/swim/proto/swim"
)

// suspecting makes this node the accuser of some members and returns the pushes.
func suspecting(t *testing.T, n *node, ids ...swim.NodeID) (sent []membership.Disseminate) {
	t.Helper()
	for _, id := range ids {
		sent = append(sent, pushes(accuse(t, n, id))...)
	}
	return sent
}

func TestOneCallPerPeerIsInFlightAndTheRestFollowsTogether(t *testing.T) {
	n := startKnowing(t, member("2"), member("3"), member("4"), member("5"))
	first := suspecting(t, n, "3")
	if got := receivers(first); !slices.Equal(got, []swim.NodeID{"2", "3", "4", "5"}) {
		t.Fatalf("the first news goes to %v", got)
	}
	if more := suspecting(t, n, "4", "5"); len(more) > 0 {
		t.Fatalf("pushed to %v while a call to each was out", receivers(more))
	}
	next := only[membership.Disseminate](t, n.pushEnded(first[0], swim.Acked))
	if got, want := about(next.Members), []swim.NodeID{"4", "5"}; next.To.ID != "2" || !slices.Equal(got, want) {
		t.Errorf("then node %s hears of %v, want node 2 to hear of %v", next.To.ID, got, want)
	}
	none[membership.Disseminate](t, n.pushEnded(next, swim.Acked))
}

func TestTheNewestRowOfAMemberIsSentWhateverWasQueued(t *testing.T) {
	n := startKnowing(t, member("2"), member("3"), member("4"))
	first := suspecting(t, n, "3")[0] // out to node 2; what follows waits
	suspecting(t, n, "4")
	again := member("4", at(oldIncarnation+9), ofInstance(41))
	n.hears(again)
	next := only[membership.Disseminate](t, n.pushEnded(first, swim.Acked))
	if len(next.Members) != 1 || swim.Compare(next.Members[0], again) != 0 {
		t.Errorf("node 2 hears %+v, want the newest row of 4 alone", next.Members)
	}
}

func TestAFailedPushIsRepeatedUntilItIsTaken(t *testing.T) {
	n := startKnowing(t, member("2"), member("3"))
	push := pushesTo(n.feed(membership.TagsRequested{Call: n.newCall()}), "2")[0]
	for _, backoff := range []time.Duration{250, 500, 1000, 2000} {
		none[membership.Disseminate](t, n.pushEnded(push, swim.Silent)) // not at once
		again := pushesTo(n.run(backoff*time.Millisecond), "2")
		if len(again) != 1 || !slices.Equal(about(again[0].Members), []swim.NodeID{"1"}) {
			t.Fatalf("after %d ms it was pushed again %d times: %+v", backoff, len(again), again)
		}
		push = again[0]
	}
	n.pushEnded(push, swim.Acked)
	if got := pushesTo(n.run(time.Minute), "2"); len(got) > 0 {
		t.Errorf("pushed again after it was taken: %+v", got)
	}
}

func TestAFailedPushIsRepeatedTogetherWithWhatCameMeanwhile(t *testing.T) {
	n := startKnowing(t, member("2"), member("3"), member("4"))
	push := suspecting(t, n, "3")[0]
	suspecting(t, n, "4")
	n.pushEnded(push, swim.Silent)
	again := pushesTo(n.run(time.Second), "2")
	if len(again) != 1 {
		t.Fatalf("pushed %d times, want once", len(again))
	}
	got := about(again[0].Members)
	if slices.Sort(got); !slices.Equal(got, []swim.NodeID{"3", "4"}) {
		t.Errorf("node 2 hears of %v, want 3 and 4, once each", got)
	}
}

func TestAPeerThatIsGoneHearsNoMore(t *testing.T) {
	for _, gone := range []swim.Member{
		member("2", as(swim.Failed, swim.Crashed), accusedBy("4")),
		member("2", as(swim.Left, swim.SaidGoodbye)),
	} {
		t.Run(gone.State.String(), func(t *testing.T) {
			n := startKnowing(t, member("2"), member("3"), member("4"))
			sent := suspecting(t, n, "3")
			n.hearsFrom("2", gone)
			for _, push := range sent {
				n.pushEnded(push, swim.Silent)
			}
			if got := receivers(pushes(n.run(time.Second))); slices.Contains(got, "2") || !slices.Contains(got, "4") {
				t.Errorf("pushed again to %v, want to 4 and not to 2", got)
			}
		})
	}
}

func TestWhatAPeerKnowsBetterIsTakenIn(t *testing.T) {
	n := startKnowing(t, member("2"), member("3"))
	push := suspecting(t, n, "3")[0]
	refuted := member("3", at(oldIncarnation+1))
	n.pushEnded(push, swim.Acked, refuted)
	if got := n.row("3"); swim.Compare(got, refuted) != 0 {
		t.Errorf("the row is %+v, want what the peer answered: %+v", got, refuted)
	}
}

func TestNewsOfOthersIsNotPassedOn(t *testing.T) {
	n := startKnowing(t, member("2"), member("3"), member("4"))
	none[membership.Disseminate](t, n.hears(member("3", as(swim.Failed, swim.Unreachable)), member("5")))
}

func TestAMessageIsBoundedAndTheRestFollows(t *testing.T) {
	for name, test := range map[string]struct {
		tags map[string]string
		most int
	}{
		"by rows":  {nil, 512},
		"by bytes": {map[string]string{"a": fmt.Sprintf("%0256d", 0), "b": fmt.Sprintf("%0256d", 0)}, 300},
	} {
		t.Run(name, func(t *testing.T) {
			n := startKnowing(t, member("2"))
			dead := crowd(1200, func(_ int, m *swim.Member) { m.State, m.Tags = swim.Failed, test.tags })
			n.hears(dead...)
			var effects []membership.Effect
			for _, m := range dead {
				effects = append(effects, n.feed(membership.ForgetRequested{Call: n.newCall(), ID: m.ID})...)
			}
			told := map[swim.NodeID]bool{}
			for calls := pushes(effects); len(calls) > 0; {
				if got := len(calls[0].Members); got > test.most {
					t.Fatalf("a message has %d rows, want at most %d", got, test.most)
				}
				for _, id := range about(calls[0].Members) {
					told[id] = true
				}
				calls = pushes(n.pushEnded(calls[0], swim.Acked))
			}
			if len(told) != len(dead) {
				t.Errorf("node 2 has heard of %d members, want %d", len(told), len(dead))
			}
		})
	}
}

// A peer that answers late must not have to wait for what ends its trouble.
func TestNewsOvertakesACallThatIsAnsweredLate(t *testing.T) {
	n := startKnowing(t, member("2"), member("3"), member("4"), member("5"))
	slow := suspecting(t, n, "4")[0] // out to node 2
	suspecting(t, n, "5")
	n.run(period/2 - time.Millisecond)
	next := pushesTo(n.run(10*time.Millisecond), "2")
	if len(next) != 1 {
		t.Fatalf("pushed %d times, want once, half a period after the call that is out", len(next))
	}
	got := about(next[0].Members)
	if slices.Sort(got); !slices.Equal(got, []swim.NodeID{"4", "5"}) {
		t.Errorf("node 2 hears of %v, want 4, which it has not acknowledged, and 5", got)
	}
	n.pushEnded(slow, swim.Silent) // that is no news any more
	n.pushEnded(next[0], swim.Acked)
	if again := pushesTo(n.run(period), "2"); len(again) != 0 {
		t.Errorf("pushed again: %+v", again)
	}
}
