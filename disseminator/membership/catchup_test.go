package membership_test

import (
	"slices"
	"testing"
	"time"

	"github.com/swimpair/swim/disseminator/membership"
	"github.com/swimpair/swim/proto/swim"
)

// toldOf are the members of which a node is told.
func toldOf(effects []membership.Effect, to swim.NodeID) (ids []swim.NodeID) {
	for _, push := range pushesTo(effects, to) {
		for _, m := range push.Members {
			ids = append(ids, m.ID)
		}
	}
	return ids
}

func TestWhoIsHeardOfSoonAfterABroadcastIsToldToo(t *testing.T) {
	for after, want := range map[time.Duration]bool{0: true, 2 * time.Second: true, 4 * time.Second: false} {
		n := startKnowing(t, others(4)...)
		n.heard = true
		suspecting(t, n, "3") // everybody who is known hears of it
		n.run(after)
		effects := n.hears(member("8"))
		effects = append(effects, n.run(10*time.Millisecond)...)
		if got := slices.Contains(toldOf(effects, "8"), "3"); got != want {
			t.Errorf("%s after the broadcast: 8 is told of 3: %v, want %v", after, got, want)
		}
	}
}

func TestAMemberThatWasKnownIsNotToldAgain(t *testing.T) {
	n := startKnowing(t, others(4)...)
	n.heard = true
	suspecting(t, n, "3")
	n.run(time.Second)
	effects := n.hears(member("4", at(oldIncarnation+1)))
	if got := toldOf(append(effects, n.run(10*time.Millisecond)...), "4"); slices.Contains(got, "3") {
		t.Errorf("4 is told of %v once more", got)
	}
}

func TestAJoinedNodeComparesItsTableSoon(t *testing.T) {
	n := startKnowing(t, others(4)...)
	n.heard = true
	if syncs := of[membership.Sync](n.run(period)); len(syncs) == 0 {
		t.Error("a period after its Join it has compared its table with nobody")
	}
}
