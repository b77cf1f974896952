package membership_test

import (
	"testing"
	"time"

	"github.com/swimpair/swim/disseminator/membership"
	"github.com/swimpair/swim/proto/swim"
)

func TestAPausedProcessAccusesNobodyUntilItHasComparedItsTable(t *testing.T) {
	for name, pause := range map[string]func(n *node){
		"its deadlines were late":           func(n *node) { n.stall(30 * time.Second); n.lease() },
		"its clock ran on while Mono stood": func(n *node) { n.clock += time.Hour; n.lease() },
	} {
		t.Run(name, func(t *testing.T) {
			n := startKnowing(t, others(4)...)
			n.pushEnded(missed(t, n, "2"), swim.Silent)
			pause(n)
			n.verdict(member("2"))
			n.run(0)
			n.wantState("2", swim.Alive)
			n.run(2 * period)
			accuse(t, n, "2")
			n.wantState("2", swim.Suspect)
		})
	}
}

func TestAPauseGivesSuspectsTheirTimeBack(t *testing.T) {
	n := startKnowing(t, others(4)...)
	accuse(t, n, "2")
	n.run(longest - 100*time.Millisecond)
	n.stall(time.Minute)
	n.lease()
	n.run(0)
	n.wantState("2", swim.Suspect)
	n.run(90 * time.Millisecond)
	n.wantState("2", swim.Suspect)
	n.run(3*period + lastWord)
	n.wantState("2", swim.Failed)
}

func TestAClockThatIsSetBackIsNoPause(t *testing.T) {
	n := startKnowing(t, others(4)...)
	n.clock -= time.Hour
	if effects := n.lease(); saw(effects, membership.PauseNoticed) {
		t.Error("a pause was noticed")
	}
	accuse(t, n, "2")
	n.wantState("2", swim.Suspect)
}
