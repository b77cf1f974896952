package probe

import (
	"fmt"
	"slices"
	"testing"

	"github.com/swimpair/swim/proto/swim"
)

func ringOf(ids []swim.NodeID) (r ring) {
	for _, id := range ids {
		r.add(id)
		r.add(id) // a second time changes nothing
	}
	return r
}

func ids(n int) (all []swim.NodeID) {
	for i := range n {
		all = append(all, swim.NodeID(fmt.Sprint(i+1)))
	}
	return all
}

func TestTheRingKnowsTheRanks(t *testing.T) {
	all := ids(50)
	r := ringOf(all)
	for _, target := range all {
		for _, observer := range all {
			if want := swim.RankAmong(all, observer, target); observer != target && r.rank(observer, target) != want {
				t.Errorf("observer %s of %s has rank %d, want %d", observer, target, r.rank(observer, target), want)
			}
		}
	}
}

func TestThoseBeforeAMemberHaveItAmongTheirFirstObservers(t *testing.T) {
	for _, size := range []int{1, 2, 3, 5, 6, 50} {
		all := ids(size)
		r := ringOf(all)
		for _, observer := range all {
			var want []swim.NodeID
			for _, target := range all {
				if target != observer && swim.RankAmong(all, observer, target) < 4 {
					want = append(want, target)
				}
			}
			got := r.before(observer, 4)
			if len(got) > 1 && r.rank(observer, got[0]) > r.rank(observer, got[1]) {
				t.Errorf("of %d the nearest does not come first: %v", size, got)
			}
			slices.Sort(got)
			slices.Sort(want)
			if !slices.Equal(got, want) {
				t.Errorf("of %d node %s observes %v, want %v", size, observer, got, want)
			}
		}
	}
}

func TestARingForgets(t *testing.T) {
	r := ringOf(ids(10))
	for _, id := range ids(10) {
		r.remove(id)
		r.remove(id)
	}
	if len(r) != 0 {
		t.Errorf("%d places are left of none", len(r))
	}
}

func TestANodeThatIsNotOnTheRingHasItsPlace(t *testing.T) {
	all := ids(20)
	with, without := ringOf(all), ringOf(all)
	without.remove("7")
	if got, want := without.before("7", 4), with.before("7", 4); !slices.Equal(got, want) {
		t.Errorf("it observes %v, want %v", got, want)
	}
}
