package membership_test

import (
	"slices"
	"testing"
	"time"

	"github.com/swimpair/swim/disseminator/membership"
	"github.com/swimpair/swim/proto/swim"
)

const rangePatience = 60 * time.Millisecond

var everybody = swim.HashRange{}

// asked hands this node a range as its head.
func (n *node) asked(sender swim.NodeID, r swim.HashRange, rows ...swim.Member) (membership.Call, []membership.Effect) {
	call := n.newCall()
	return call, n.feed(membership.NewsReceived{Call: call, Sender: sender, Members: rows, Serve: &r})
}

func TestAHeadTellsAllThatItKnowsInTheRange(t *testing.T) {
	n := startKnowing(t, others(size)...)
	n.hears(member("99")) // whom the sender need not know
	for _, r := range swim.HashRanges(2) {
		news := member("5", at(oldIncarnation+swim.Incarnation(r.From>>62)+1)) // its subject knows
		_, effects := n.asked("2", r, news)
		if got, want := receivers(pushes(effects)), in(&r, append(others(size), member("99")), "1", "2", "5"); !slices.Equal(got, want) {
			t.Errorf("told %v in %x, want %v", got, r, want)
		}
		for _, push := range pushes(effects) {
			if len(push.Members) != 1 || swim.Compare(push.Members[0], n.row("5")) != 0 || push.Serve != nil {
				t.Errorf("%s is told %+v, want this node's row of 5", push.To.ID, push.Members)
			}
			n.pushEnded(push, swim.Acked)
		}
	}
}

func TestAHeadAnswersWhenItsRangeHasAcknowledged(t *testing.T) {
	n := startKnowing(t, others(4)...)
	call, effects := n.asked("2", everybody, member("99"))
	none[membership.AnswerNews](t, effects)
	sent := pushes(effects)
	for _, push := range sent[1:] {
		none[membership.AnswerNews](t, n.pushEnded(push, swim.Acked))
	}
	if answer := answerTo[membership.AnswerNews](t, n.pushEnded(sent[0], swim.Acked), call); !answer.Served || answer.ResponderID != "1" {
		t.Errorf("answered %+v, want that the range is served", answer)
	}
}

// Who cannot be reached now is told later, as with all news.
func TestAHeadDoesNotWaitLongAndGoesOnTelling(t *testing.T) {
	n := startKnowing(t, others(4)...)
	call, effects := n.asked("2", everybody, member("99"))
	lost := pushesTo(effects, "4")[0]
	none[membership.AnswerNews](t, n.run(rangePatience-time.Millisecond))
	if answer := answerTo[membership.AnswerNews](t, n.run(time.Millisecond), call); !answer.Served {
		t.Errorf("answered %+v, want that the range is served", answer)
	}
	n.pushEnded(lost, swim.Silent)
	if again := pushesTo(n.run(period), "4"); len(again) != 1 || !slices.Equal(about(again[0].Members), []swim.NodeID{"99"}) {
		t.Errorf("told node 4 again: %+v, want 99 once", again)
	}
}

func TestASuspectIsToldAndNotWaitedFor(t *testing.T) {
	n := startKnowing(t, member("2"), member("3", as(swim.Suspect, swim.Unreachable), accusedBy("9")))
	call, effects := n.asked("2", everybody, member("99"))
	if got := receivers(pushes(effects)); !slices.Equal(got, []swim.NodeID{"3"}) {
		t.Errorf("told %v, want 3", got)
	}
	if !answerTo[membership.AnswerNews](t, effects, call).Served {
		t.Error("the range is not served")
	}
}

func TestARangeIsServedOnlyForAMemberAndWithWhatIsHeldHere(t *testing.T) {
	failed := member("5", as(swim.Failed, swim.Unreachable), accusedBy("2")) // it was never suspect here
	for name, test := range map[string]struct {
		sender swim.NodeID
		row    swim.Member
	}{
		"by a stranger":                       {"77", member("99")},
		"by a member that has failed":         {"6", member("99")},
		"with what is not believed":           {"2", failed},
		"with what the sender says of itself": {"2", member("2", as(swim.Suspect, swim.DetectorDown), at(oldIncarnation+1))},
		"with an incarnation out of reach":    {"2", member("5", at(swim.MaxIncarnation))},
	} {
		t.Run(name, func(t *testing.T) {
			n := startKnowing(t, append(others(4), member("6", as(swim.Failed, swim.Unreachable)))...)
			call, effects := n.asked(test.sender, everybody, test.row)
			if got := pushes(effects); len(got) > 0 || answerTo[membership.AnswerNews](t, effects, call).Served {
				t.Errorf("served, and told %v", receivers(got))
			}
		})
	}
}

func TestANewerRowIsToldAndShownToTheSender(t *testing.T) {
	newer := member("5", at(oldIncarnation+7))
	n := startKnowing(t, append(others(3), newer)...)
	call, effects := n.asked("2", everybody, member("5", as(swim.Suspect, swim.Unreachable), accusedBy("2")))
	for _, push := range pushes(effects) {
		if swim.Compare(push.Members[0], newer) != 0 {
			t.Errorf("%s is told %+v, want the newer row", push.To.ID, push.Members[0])
		}
		effects = append(effects, n.pushEnded(push, swim.Acked)...)
	}
	answer := answerTo[membership.AnswerNews](t, effects, call)
	if !answer.Served || !slices.Equal(about(answer.Newer), []swim.NodeID{"5"}) {
		t.Errorf("answered %+v, want the newer row, and the range served", answer)
	}
}

func TestWhatAHeadIsAskedIsBounded(t *testing.T) {
	t.Run("members", func(t *testing.T) {
		n := startKnowing(t, append(crowd(600), member("2"))...)
		call, effects := n.asked("2", everybody, member("99"))
		if got := len(pushes(effects)); got > 0 || answerTo[membership.AnswerNews](t, effects, call).Served {
			t.Errorf("told %d members at one word of another", got)
		}
	})
	t.Run("errands", func(t *testing.T) {
		n := startKnowing(t, others(4)...)
		served := 0
		for range 100 {
			if call, effects := n.asked("2", everybody, member("99")); !slices.ContainsFunc(of[membership.AnswerNews](effects),
				func(a membership.AnswerNews) bool { return a.Call == call }) {
				served++
			}
		}
		if served != 64 {
			t.Errorf("serves %d ranges at a time, want 64", served)
		}
		if got := len(of[membership.AnswerNews](n.run(rangePatience))); got != 64 {
			t.Errorf("answered %d of them in time, want all", got)
		}
	})
}
