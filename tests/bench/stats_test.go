package bench

import (
	"testing"
	"time"
)

func TestPercentilesAreOfTheNearestRank(t *testing.T) {
	twenty := make([]int, 20)
	for i := range twenty {
		twenty[i] = 20 - i // 20 to 1, not sorted
	}
	cases := []struct {
		values  []int
		percent float64
		want    int
	}{
		{nil, 50, 0},
		{[]int{7}, 0, 7}, {[]int{7}, 50, 7}, {[]int{7}, 100, 7},
		{[]int{3, 1}, 50, 1}, {[]int{3, 1}, 51, 3},
		{[]int{3, 1, 2}, 50, 2},
		{twenty, 0, 1}, {twenty, 50, 10}, {twenty, 95, 19}, {twenty, 99, 20}, {twenty, 100, 20},
	}
	for _, test := range cases {
		if got := percentile(test.values, test.percent); got != test.want {
			t.Errorf("percentile %v of %v is %d, want %d", test.percent, test.values, got, test.want)
		}
	}
}

func TestASpreadHasTheFirstTheMedianAndTheLastObserver(t *testing.T) {
	got := spread([]time.Duration{9, 2, 4})
	if want := (Spread{First: 2, Median: 4, Last: 9}); got != want {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestCountersOfTheKernel(t *testing.T) {
	packets, bytes := parseLoopback(`Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
  eth0: 1       2    0    0    0     0          0         0        3       4    0    0    0     0       0          0
    lo: 2603    33    0    0    0     0          0         0     2603      33    0    0    0     0       0          0
`)
	if packets != 33 || bytes != 2603 {
		t.Errorf("got %d packets and %d bytes, want 33 and 2603", packets, bytes)
	}
	busy, all := parseStat("cpu  10 1 5 80 4 2 3 1 0 0\ncpu0 1 1 1 1 1 1 1 1 0 0\n")
	if busy != 22 || all != 106 {
		t.Errorf("got %d of %d ticks busy, want 22 of 106", busy, all)
	}
}

func TestOtherWorkIsWhatNobodyHereHasDone(t *testing.T) {
	before := machine{busy: 100, all: 1000}
	after := machine{busy: 200, all: 1400, own: 200 * time.Millisecond, children: 300 * time.Millisecond}
	// 100 ticks busy, less 20, 30 and 10, of 400
	if got := after.others(before, 100*time.Millisecond); got != 0.1 {
		t.Errorf("the share is %v, want 0.1", got)
	}
	if got := before.others(before); got != 0 {
		t.Errorf("in no time the share is %v, want 0", got)
	}
}
