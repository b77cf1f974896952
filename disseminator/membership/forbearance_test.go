package membership_test

import (
	"testing"
	"time"

	"github.com/swimpair/swim/disseminator/membership"
	"github.com/swimpair/swim/proto/swim"
)

// confirmedAfter is how long a suspicion of node 2 lasts that three witnesses confirm.
func confirmedAfter(t *testing.T, n *node) time.Duration {
	t.Helper()
	accuse(t, n, "2")
	for _, witness := range []swim.NodeID{"3", "4", "5"} {
		n.confirms(witness, "2")
	}
	return askedAfter(t, n, "2")
}

// refutes lets a member say that it lives.
func (n *node) refutes(id swim.NodeID) {
	row := n.row(id)
	n.hearsFrom(id, member(id, as(swim.Alive, swim.Refuted), at(row.Incarnation+1)))
}

func TestWhoeverRefutesLateIsGivenMoreTime(t *testing.T) {
	for name, test := range map[string]struct{ took, since, want time.Duration }{
		"in time":               {200 * time.Millisecond, time.Second, tolerance},
		"late":                  {1600 * time.Millisecond, time.Second, 2400 * time.Millisecond},
		"beyond the longest":    {3800 * time.Millisecond, time.Second, 5700 * time.Millisecond},
		"failed meanwhile":      {7 * time.Second, time.Second, 8 * time.Second},
		"it was away":           {9 * time.Second, time.Second, tolerance},
		"that was long ago":     {1600 * time.Millisecond, 6 * time.Minute, tolerance},
		"that was 4 min. ago":   {1600 * time.Millisecond, 4 * time.Minute, 2400 * time.Millisecond},
		"late, and failed once": {5 * time.Second, time.Second, 7500 * time.Millisecond},
	} {
		t.Run(name, func(t *testing.T) {
			n := startKnowing(t, others(6)...)
			n.heard = true
			n.taken(accuse(t, n, "2"))
			n.run(test.took)
			n.refutes("2")
			n.wantState("2", swim.Alive)
			n.run(test.since)
			if got := confirmedAfter(t, n); got < test.want-time.Millisecond || got > test.want+2*time.Millisecond {
				t.Errorf("the next suspicion lasts %s, want %s", got, test.want)
			}
		})
	}
}

func TestAnotherLifeIsNotForborneWith(t *testing.T) {
	n := startKnowing(t, others(6)...)
	n.heard = true
	n.taken(accuse(t, n, "2"))
	n.run(1600 * time.Millisecond)
	n.hearsFrom("2", member("2", ofInstance(77), at(oldIncarnation+1)))
	if got := confirmedAfter(t, n); got > tolerance+2*time.Millisecond {
		t.Errorf("its suspicion lasts %s, want %s: it has never been late", got, tolerance)
	}
}

func TestADisseminatorThatCallsIsNotDown(t *testing.T) {
	n := startKnowing(t, member("2"), member("3"))
	push := pushesTo(n.feed(membership.TagsRequested{Call: n.newCall()}), "2")[0]
	for n.now < 4*grace {
		n.pushEnded(push, swim.Silent)
		if again := pushesTo(n.run(100*time.Millisecond), "2"); len(again) > 0 {
			push = again[0]
		}
		n.hearsFrom("2", n.row("2")) // only its answers are late
	}
	n.wantState("2", swim.Alive)
}
