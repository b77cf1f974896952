package bcast

import (
	"testing"
	"time"
)

// From lambda = 1, where the group doubles with each send, to one that waits long.
func TestTheFloorIsThatOfThePostalModel(t *testing.T) {
	for lambda, want := range map[time.Duration]time.Duration{1: 10, 5: 27, 10: 44, 20: 72, 50: 142} {
		if got := floor(1, lambda, 1000); got != want {
			t.Errorf("lambda = %d: a thousand members know after %d sends, want %d", lambda, got, want)
		}
	}
}

func TestNothingBeatsTheFloor(t *testing.T) {
	for _, n := range []int{2, 3, 10, 100, 1000, 10_000} {
		for _, l := range []time.Duration{1, 3, 30, 300} {
			least := floor(1, l, n)
			if got := direct(1, l, n); got < least {
				t.Errorf("n = %d, lambda = %d: directly in %d, the floor is %d", n, l, got, least)
			}
			if got := twoLevels(1, l, n); n > 3 && got < least {
				t.Errorf("n = %d, lambda = %d: in two levels in %d, the floor is %d", n, l, got, least)
			}
		}
	}
}
