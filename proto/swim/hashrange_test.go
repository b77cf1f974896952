package swim

import (
	"fmt"
	"testing"
)

func TestEveryIDLiesInExactlyOneRange(t *testing.T) {
	for bits := range 8 {
		ranges := HashRanges(bits)
		for _, id := range nodes(1000) {
			count := 0
			for _, r := range ranges {
				if r.Contains(Position(id)) {
					count++
				}
			}
			if count != 1 {
				t.Fatalf("of %d ranges %d contain node %s", len(ranges), count, id)
			}
		}
	}
}

func TestRangesHoldAboutAsManyMembersEach(t *testing.T) {
	ranges, held := HashRanges(5), map[HashRange]int{}
	for _, id := range nodes(3200) {
		for _, r := range ranges {
			if r.Contains(Position(id)) {
				held[r]++
			}
		}
	}
	for _, r := range ranges {
		if held[r] < 60 || held[r] > 140 {
			t.Errorf("%x holds %d of 3200 members in 32 ranges", r, held[r])
		}
	}
}

// The contract names this value, so that others compute the same ranges.
func TestTheHashIsThatOfTheContract(t *testing.T) {
	if got, want := fmt.Sprintf("%#x", Position("7")), "0x7aedddb772826587"; got != want {
		t.Errorf("the hash of 7 is %s, want %s", got, want)
	}
}
