package swim

import "testing"

// Nodes of different versions are in one ring only as long as this stays as it is.
func TestPlacesInTheRingNeverChange(t *testing.T) {
	for _, c := range []struct {
		id    NodeID
		epoch uint64
		want  uint64
	}{
		{"1", 0, 0xcc87fa8ccd3e7f3c}, {"1", 1_767_225_600, 0x7ef5aa818379150b}, {"2", 1_767_225_600, 0x8ceeba1f4105c7fb}, {"10000", 1_767_225_601, 0x5d21e4aab5149604},
	} {
		if got := RingPlace(Position(c.id), c.epoch); got != c.want {
			t.Errorf("member %s, epoch %d: got place %#x, want %#x", c.id, c.epoch, got, c.want)
		}
	}
}

// Each member becomes each other's successor about as often as any other does: nobody's
// silence is found by the same few only.
func TestSuccessorsInTheRingAreSpreadEvenly(t *testing.T) {
	const n, epochs = 10, 9000
	ids := nodes(n)
	times := map[NodeID]int{}
	for epoch := range uint64(epochs) {
		own := RingPlace(Position(ids[0]), epoch)
		best, distance := NodeID(""), ^uint64(0)
		for _, id := range ids[1:] {
			if d := RingPlace(Position(id), epoch) - own; d < distance {
				best, distance = id, d
			}
		}
		times[best]++
	}
	for _, id := range ids[1:] { // 1000 each on average; 850 is 5 standard deviations off
		if times[id] < 850 || times[id] > 1150 {
			t.Errorf("member %s is the successor in %d of %d epochs, want about %d", id, times[id], epochs, epochs/(n-1))
		}
	}
}
