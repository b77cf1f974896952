package sim_test

import (
	"bytes"
	"testing"

	"github.com/swimpair/swim/tests/sim"
)

// Whatever is drawn holds: under a fixed set of seeds, so that a failure stays.
func TestDrawnSchedulesHold(t *testing.T) {
	for _, test := range []struct {
		n     int
		seeds uint64
	}{{2, 40}, {3, 40}, {5, 120}, {7, 60}, {20, 6}} {
		for seed := uint64(1); seed <= test.seeds/slowdown; seed++ {
			for _, mode := range []sim.Mode{sim.Safety, sim.Liveness} {
				run := sim.Run(seed, test.n, mode, nil)
				for _, v := range run.Violations {
					t.Errorf("n=%d seed=%d at %s %s: %s", test.n, seed, v.At, v.Rule, v.Text)
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
