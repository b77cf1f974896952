package membership_test

import (
	"testing"
	"time"

	"github.com/swimpair/swim/disseminator/membership"
	"github.com/swimpair/swim/proto/swim"
)

const grace = 5 * time.Second

// detached is an admitted node whose detector has just died.
func detached(t *testing.T) (*node, []membership.Effect) {
	t.Helper()
	n := startKnowing(t, member("2"), member("3"))
	n.detach()
	return n, n.feed(membership.DetectorDetached{Why: "connection reset"})
}

func TestANodeWithoutItsDetectorTellsEverybodyAtOnce(t *testing.T) {
	n, effects := detached(t)
	self := n.self()
	if self.State != swim.Suspect || self.Reason != swim.DetectorDown || self.Accuser != "1" {
		t.Errorf("this node's row is %s, %s, said by %q", self.State, self.Reason, self.Accuser)
	}
	for _, push := range pushes(effects) {
		if swim.Compare(push.Members[0], self) != 0 {
			t.Errorf("node %s is told %+v, want this node's row", push.To.ID, push.Members)
		}
	}
	if got := len(pushes(effects)); got != 2 {
		t.Errorf("%d are told, want both others", got)
	}
}

func TestANodeThatNobodyHasAdmittedSaysNothingOfItsDetector(t *testing.T) {
	n := start(t, contacts("2"))
	n.lease()
	none[membership.Disseminate](t, n.feed(membership.DetectorDetached{Why: "connection reset"}))
	n.wantState("1", swim.Alive)
}

func TestADetectorThatStaysAwayFailsTheNode(t *testing.T) {
	n, effects := detached(t)
	for _, push := range pushes(effects) {
		n.pushEnded(push, swim.Acked)
	}
	n.run(grace - time.Millisecond)
	n.wantState("1", swim.Suspect)
	effects = n.run(time.Millisecond)
	if got := n.self(); got.State != swim.Failed || got.Reason != swim.DetectorDown {
		t.Errorf("this node's row is %s, %s; want failed, detector_down", got.State, got.Reason)
	}
	if got := len(pushes(effects)); got != 2 {
		t.Errorf("%d are told, want both others", got)
	}
	none[membership.Halt](t, effects)
}

func TestADetectorThatComesBackMakesTheNodeAliveWithANewIncarnation(t *testing.T) {
	for name, after := range map[string]time.Duration{"within the grace": time.Second, "after it": grace + time.Second} {
		t.Run(name, func(t *testing.T) {
			n, _ := detached(t)
			n.run(after)
			before := n.self().Incarnation
			n.lease()
			if got := n.self(); got.State != swim.Alive || got.Incarnation <= before || got.Accuser != "" {
				t.Errorf("this node is %s at %d (accuser %q), before it was at %d", got.State, got.Incarnation, got.Accuser, before)
			}
		})
	}
}

func TestAPeersOrphanedDetectorMakesItSuspectForThatReason(t *testing.T) {
	n := startKnowing(t, member("2"), member("3"))
	effects := n.halfDown(member("2"))
	if got := n.row("2"); got.State != swim.Suspect || got.Reason != swim.DisseminatorDown || got.Accuser != "1" {
		t.Errorf("the row is %+v", got)
	}
	none[membership.Publish](t, n.halfDown(member("2"))) // said twice
	for _, push := range pushes(effects) {
		n.pushEnded(push, swim.Acked)
	}
	n.run(grace)
	n.wantState("2", swim.Suspect)
	n.run(lastWord)
	n.wantState("2", swim.Failed)
}

// halfDown is the own detector's word that m's detector says so.
func (n *node) halfDown(m swim.Member) []membership.Effect {
	return n.feed(membership.TargetUnreachable{
		Target: m.ID, Incarnation: m.Incarnation, Instance: m.Instance, Paths: []swim.Path{{Evidence: swim.HalfDown}},
	})
}

func TestNoOtherSuspicionRunsWhileAHalfIsDown(t *testing.T) {
	down := member("2", as(swim.Suspect, swim.DetectorDown), accusedBy("2"), at(oldIncarnation+1))
	n := startKnowing(t, member("2"), member("3"))
	n.hearsFrom("2", down)
	none[membership.Publish](t, n.verdict(n.row("2")))
	none[membership.Publish](t, n.halfDown(n.row("2")))
	n.run(grace - time.Second)
	if got := n.row("2"); swim.Compare(got, down) != 0 {
		t.Errorf("the row became %+v", got)
	}
}

func TestANodeWhoseOtherHalfIsSilentTooWaitsNoLongerThanAnyOther(t *testing.T) {
	t.Run("its disseminator", func(t *testing.T) {
		n := startKnowing(t, member("2"), member("3"))
		n.hearsFrom("2", member("2", as(swim.Suspect, swim.DetectorDown), accusedBy("2"), at(oldIncarnation+1)))
		for _, d := range of[membership.Disseminate](n.run(100 * time.Millisecond)) {
			n.pushEnded(d, swim.Refused) // as a ranked observer this node has asked it
		}
		n.run(tolerance + lastWord + 100*time.Millisecond)
		n.wantState("2", swim.Failed)
	})
	t.Run("its detector", func(t *testing.T) {
		n := startKnowing(t, member("2"), member("3"))
		n.hearsFrom("3", member("2", as(swim.Suspect, swim.DisseminatorDown), accusedBy("3")))
		n.verdict(n.row("2"))
		n.run(tolerance + lastWord + 100*time.Millisecond)
		n.wantState("2", swim.Failed)
	})
}

func TestADisseminatorThatCannotBeReachedForTheGraceCountsAsDown(t *testing.T) {
	n := startKnowing(t, member("2"), member("3"))
	push := pushesTo(n.feed(membership.TagsRequested{Call: n.newCall()}), "2")[0]
	for n.row("2").State == swim.Alive && n.now < time.Minute {
		effects := n.pushEnded(push, swim.Silent)
		for _, d := range of[membership.Disseminate](append(effects, n.run(100*time.Millisecond)...)) {
			switch {
			case d.To.ID == "2" && d.Accusation: // it is asked before anybody hears of it
				n.pushEnded(d, swim.Silent)
			case d.To.ID == "2":
				push = d
			}
		}
	}
	if got := n.row("2"); got.Reason != swim.DisseminatorDown || n.now < grace || n.now > 3*grace {
		t.Errorf("after %s the row says %s, %s", n.now, got.State, got.Reason)
	}
}

func TestADisseminatorThatAnswersAfterAllIsNotDown(t *testing.T) {
	n := startKnowing(t, member("2"), member("3"))
	push := pushesTo(n.feed(membership.TagsRequested{Call: n.newCall()}), "2")[0]
	asked := 0
	for n.now < 4*grace {
		effects := n.pushEnded(push, swim.Silent)
		for _, d := range of[membership.Disseminate](append(effects, n.run(100*time.Millisecond)...)) {
			switch {
			case d.To.ID == "2" && d.Accusation:
				asked++
				n.pushEnded(d, swim.Acked, n.row("2"))
			case d.To.ID == "2":
				push = d
			}
		}
	}
	if n.wantState("2", swim.Alive); asked == 0 {
		t.Error("it was never asked")
	}
}
