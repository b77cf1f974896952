package swim

import (
	"fmt"
	"math/rand/v2"
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

func TestTheOrderOfTheListDoesNotMatter(t *testing.T) {
	ids := nodes(30)
	shuffled := slices.Clone(ids)
	rng := rand.New(rand.NewPCG(1, 2))
	rng.Shuffle(len(ids), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
	for _, observer := range ids[1:] {
		if a, b := RankAmong(ids, observer, "1"), RankAmong(shuffled, observer, "1"); a != b {
			t.Errorf("observer %s has place %d in one list and %d in another", observer, a, b)
		}
	}
}

// Without one who stands before it an observer moves up: nobody else changes place.
func TestTheOrderOfTheOthersStaysWhenOneGoes(t *testing.T) {
	ids := nodes(30)
	for _, gone := range ids[1:] {
		rest := slices.DeleteFunc(slices.Clone(ids), func(id NodeID) bool { return id == gone })
		for _, observer := range rest[1:] {
			want := RankAmong(ids, observer, "1")
			if RankAmong(ids, gone, "1") < want {
				want--
			}
			if got := RankAmong(rest, observer, "1"); got != want {
				t.Errorf("without %s observer %s has place %d, want %d", gone, observer, got, want)
			}
		}
	}
}

func TestEveryObserverHasEveryPlaceForSomeTarget(t *testing.T) {
	observers := nodes(20)
	for _, observer := range observers {
		places := map[int]bool{}
		for n := range 4000 {
			places[RankAmong(observers, observer, NodeID(fmt.Sprint("target-", n)))] = true
		}
		if len(places) != len(observers) {
			t.Errorf("observer %s has %d of the %d places", observer, len(places), len(observers))
		}
	}
}

// The next four on the ring observe a member, so each member observes the four before it.
func TestTheWorkIsSpread(t *testing.T) {
	ids := nodes(25)
	for _, observer := range ids {
		count := 0
		for _, target := range ids {
			if target != observer && RankAmong(ids, observer, target) < 4 {
				count++
			}
		}
		if count != 4 {
			t.Errorf("node %s is among the first 4 of %d members, want 4", observer, count)
		}
	}
}

func TestSortByRankIsTheOrderOfTheRanks(t *testing.T) {
	ids := nodes(25)
	SortByRank(ids, "7")
	ids = slices.DeleteFunc(ids, func(id NodeID) bool { return id == "7" })
	for want, id := range ids {
		if got := RankAmong(ids, id, "7"); got != want {
			t.Errorf("node %s stands at %d and has rank %d", id, want, got)
		}
	}
}
