package swim

import (
	"fmt"
	"slices"
	"testing"
)

func nodes(n int) (ids []NodeID) {
	for i := range n {
		ids = append(ids, NodeID(fmt.Sprint(i+1)))
	}
	return ids
}

func TestEachObserverHasAPlaceOfItsOwnForATarget(t *testing.T) {
	ids := nodes(100)
	for _, target := range ids[:10] {
		seen := map[int]NodeID{}
		for _, observer := range ids {
			if observer == target {
				continue
			}
			place := RankAmong(ids, observer, target)
			if other, taken := seen[place]; taken || place < 0 || place >= len(ids)-1 {
				t.Fatalf("for target %s observers %s and %s have place %d", target, observer, other, place)
			}
			seen[place] = observer
		}
	}
}

func TestAnObserverThatIsNotAmongThemHasAPlaceToo(t *testing.T) {
	ids := nodes(10)
	without := slices.DeleteFunc(slices.Clone(ids), func(id NodeID) bool { return id == "4" })
	if with, got := RankAmong(ids, "4", "1"), RankAmong(without, "4", "1"); with != got {
		t.Errorf("place %d among the others, %d with itself among them", got, with)
	}
}

func TestTheWorkIsSpread(t *testing.T) {
	const size, first = 100, 4
	ids := nodes(size)
	count := map[NodeID]int{}
	for _, target := range ids {
		for _, observer := range ids {
			if observer != target && RankAmong(ids, observer, target) < first {
				count[observer]++
			}
		}
	}
	for _, id := range ids { // each is among the first four of four targets on average
		if got := count[id]; got > 4*first {
			t.Errorf("node %s is among the first %d of %d targets", id, first, got)
		}
	}
}
