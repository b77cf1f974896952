package sim_test

import (
	"bytes"
	"testing"

	"github.com/swimpair/swim/tests/sim"
)

// Whatever is drawn holds: under a fixed set of seeds, so that a failure stays; with news
// told directly, and through heads.
func TestDrawnSchedulesHold(t *testing.T) {
	for _, test := range []struct {
		n     int
		seeds uint64
		heads int
	}{{2, 40, 0}, {3, 40, 0}, {5, 120, 0}, {7, 60, 0}, {20, 6, 0}, {5, 60, 1}, {8, 30, 2}, {20, 3, 5}} {
		for seed := uint64(1); seed <= test.seeds/slowdown; seed++ {
			for _, mode := range []sim.Mode{sim.Safety, sim.Liveness} {
				run := sim.RunWithHeads(seed, test.n, test.heads, mode, nil)
				for _, v := range run.Violations {
					t.Errorf("n=%d heads=%d seed=%d at %s %s: %s", test.n, test.heads, seed, v.At, v.Rule, v.Text)
				}
				if len(run.Violations) > 0 {
					t.Logf("replay it: %s", run.Replay)
				}
			}
		}
	}
}

func TestADrawnScheduleIsTheSameEveryTime(t *testing.T) {
	var first, again bytes.Buffer
	sim.Run(7, 5, sim.Liveness, &first)
	sim.Run(7, 5, sim.Liveness, &again)
	if first.Len() == 0 || !bytes.Equal(first.Bytes(), again.Bytes()) {
		t.Error("two runs of one seed differ")
	}
}
