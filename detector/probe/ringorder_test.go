package probe_test

import (
	"slices"
	"testing"
	"time"

	"github.com/swimpair/swim/detector/probe"
	"github.com/swimpair/swim/proto/swim"
)

// pingsInRing has that many nodes, which all know all, ping one another, and returns when
// each was pinged. The clock of node i is ahead by i steps.
func pingsInRing(t *testing.T, nodes, periods int, step time.Duration) map[swim.NodeID][]time.Duration {
	table := append(members(nodes-1), member(me))
	pinged := map[swim.NodeID][]time.Duration{}
	for i, m := range table {
		cfg := config()
		cfg.Self, cfg.Order = m.ID, probe.Ring
		n := newNode(t, cfg, uint64(i))
		n.now.Wall = n.now.Wall.Add(time.Duration(i) * step)
		n.world = healthy()
		n.step(probe.ViewReplaced{Members: table})
		n.after = func(_ probe.Input, effects []probe.Effect) {
			for _, id := range targets(effects) {
				pinged[id] = append(pinged[id], n.now.Mono)
			}
		}
		n.advance(time.Duration(periods) * period)
	}
	for _, times := range pinged {
		slices.Sort(times)
	}
	return pinged
}

// The start is the start of an epoch.
func TestInARingEveryMemberIsPingedOncePerEpoch(t *testing.T) {
	const periods = 50
	for id, times := range pingsInRing(t, 7, periods, 0) {
		var epochs []int
		for _, at := range times {
			epochs = append(epochs, int((at-time.Hour)/period))
		}
		for want := range periods {
			if !slices.Contains(epochs, want) || len(epochs) != periods {
				t.Fatalf("got %s pinged in epochs %v, want once in each of %d", id, epochs, periods)
			}
		}
	}
}

func TestInARingNobodyWaitsForTwoPeriods(t *testing.T) {
	for _, step := range []time.Duration{0, period / 20} {
		bound := 2*period + 6*step // the clocks of seven nodes are that far apart
		for id, times := range pingsInRing(t, 7, 50, step) {
			for i := 1; i < len(times); i++ {
				if got := times[i] - times[i-1]; got > bound {
					t.Errorf("clocks %s apart: got %s between two pings of %s, want at most %s", step, got, id, bound)
				}
			}
		}
	}
}

func TestInARingOfManyEpochsEverybodyPingsEverybody(t *testing.T) {
	cfg := config()
	cfg.Order = probe.Ring
	n := newNode(t, cfg, 1)
	n.see(members(4)...)
	n.world = healthy()
	count := map[swim.NodeID]int{}
	for _, id := range targets(n.advance(1000 * period)) {
		count[id]++
	}
	for _, id := range sortedIDs(members(4)) {
		if count[id] < 180 || count[id] > 320 {
			t.Errorf("got %s pinged %d times of 1000, want about 250", id, count[id])
		}
	}
}

// Whatever the clock says, there is a ring, and one ping per period.
func TestAWrongClockCostsNoPing(t *testing.T) {
	for _, year := range []int{1, 1900, 1969, 1970, 2300, 9999} {
		cfg := config()
		cfg.Order = probe.Ring
		n := newNode(t, cfg, 1)
		n.now.Wall = time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC)
		n.see(members(4)...)
		n.world = healthy()
		if got := len(targets(n.advance(20 * period))); got != 20 {
			t.Errorf("year %d: got %d pings in 20 periods, want 20", year, got)
		}
	}
}

func TestWhoIsNotProbedIsNotInTheRing(t *testing.T) {
	cfg := config()
	cfg.Order = probe.Ring
	n := newNode(t, cfg, 1)
	n.see(members(4)...)
	n.world = healthy()
	n.change(in(member("2"), swim.Failed))
	n.step(probe.ViewChanged{Member: member("3"), Removed: true})
	n.change(member("newcomer"))
	got := targets(n.advance(50 * period))
	for id, want := range map[swim.NodeID]bool{"2": false, "3": false, "4": true, "5": true, "newcomer": true} {
		if slices.Contains(got, id) != want {
			t.Errorf("got targets %v, want %s among them: %t", got, id, want)
		}
	}
}
