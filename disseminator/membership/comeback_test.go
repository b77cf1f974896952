package membership_test

import (
	"slices"
	"testing"
	"time"

	"github.com/swimpair/swim/disseminator/membership"
	"github.com/swimpair/swim/proto/swim"
)

// isHeldFor lets this node hear that a peer holds it for failed, or suspect.
func (n *node) isHeldFor(state swim.State) {
	row := n.self()
	row.State, row.Reason, row.Accuser = state, swim.Unreachable, "2"
	n.hears(row)
}

// leases lets d pass, with leases that say how the node is.
func (n *node) leases(d time.Duration, unwell bool) {
	for end := n.now + d; n.now < end; {
		n.feed(membership.LeaseReceived{Unwell: unwell})
		n.run(period / 2)
	}
}

// ownLeases lets the test send the leases.
func ownLeases(t *testing.T) *node {
	n := startKnowing(t, others(8)...)
	n.detach()
	return n
}

func TestAnUnwellNodeDoesNotRefute(t *testing.T) {
	n := ownLeases(t)
	n.leases(time.Second, true)
	before := n.self().Incarnation
	n.isHeldFor(swim.Suspect)
	n.leases(5*time.Second, true)
	if got := n.self().Incarnation; got != before {
		t.Errorf("it is at %d, and was at %d: it has refuted", got, before)
	}
	n.leases(time.Second, false)
	if got := n.self().Incarnation; got != before+1 {
		t.Errorf("it is at %d, want %d: it is well again", got, before+1)
	}
}

func TestAnUnwellNodeAnswersItsAccuserAndDoesNotVouch(t *testing.T) {
	n := ownLeases(t)
	n.leases(time.Second, true)
	call, effects := n.accusedByPeer("2", n.self().Incarnation)
	effects = append(effects, n.feed(membership.LeaseReceived{Unwell: true})...)
	if got := answerTo[membership.AnswerNews](t, effects, call); !got.Unwell || got.DetectorDown || len(got.Newer) > 0 {
		t.Errorf("the answer is %+v, want that it is unwell", got)
	}
}

func TestAnUnwellNodeJudgesNobodyForAWhile(t *testing.T) {
	n := ownLeases(t)
	n.leases(time.Second, true)
	missedAndGivenUp := func() {
		n.feed(membership.PingMissed{Target: "3", Incarnation: oldIncarnation, Instance: 30})
		n.verdict(n.row("3"))
		n.leases(time.Second, true)
	}
	missedAndGivenUp()
	n.wantState("3", swim.Alive)
	n.leases(30*time.Second, true)
	missedAndGivenUp()
	n.wantState("3", swim.Suspect)
}

func TestAnUnwellNodeHoldsItsVerdictsBack(t *testing.T) {
	n := ownLeases(t)
	accuse(t, n, "3")
	n.leases(10*time.Second, true)
	n.wantState("3", swim.Suspect)
	n.leases(30*time.Second, true)
	n.wantState("3", swim.Failed)
}

func TestTheFirstTimeAFailedNodeComesBackAtOnce(t *testing.T) {
	n := ownLeases(t)
	before := n.self().Incarnation
	n.isHeldFor(swim.Failed)
	n.leases(period/2, false)
	if got := n.self().Incarnation; got != before+1 {
		t.Errorf("it is at %d, want %d", got, before+1)
	}
}

func TestANodeInTroubleAgainWaitsUntilItHasBeenWell(t *testing.T) {
	n := ownLeases(t)
	n.leases(5*time.Second, true)
	n.leases(10*time.Second, false)
	n.leases(5*time.Second, true)
	before := n.self().Incarnation
	n.isHeldFor(swim.Failed)
	n.leases(29*time.Second, false)
	if n.self().Incarnation != before {
		t.Error("it comes back before it was well for 30 s")
	}
	n.leases(2*time.Second, false)
	if got := n.self().Incarnation; got != before+1 {
		t.Error("it does not come back although it was well for 30 s")
	}
}

func TestTroubleThatIsLongPastIsForgotten(t *testing.T) {
	n := ownLeases(t)
	n.leases(5*time.Second, true)
	n.leases(2*time.Minute+time.Second, false)
	n.leases(5*time.Second, true)
	before := n.self().Incarnation
	n.leases(time.Second, false)
	n.isHeldFor(swim.Failed)
	n.leases(period/2, false)
	if n.self().Incarnation != before+1 {
		t.Error("it waits as if it were the second time")
	}
}

func TestTroubleWithoutEndIsNotFatal(t *testing.T) {
	n := ownLeases(t)
	before := n.self().Incarnation
	for range 2 * 13 { // twice a minute its host stands still for two seconds
		n.isHeldFor(swim.Failed)
		n.leases(26*time.Second, false)
		n.stall(4 * time.Second)
		n.feed(membership.LeaseReceived{})
	}
	if got := n.self().Incarnation; got < before+2 || got > before+6 {
		t.Errorf("it has come back %d times in thirteen minutes, want the first time, and once in five minutes or so", got-before)
	}
}

// cutOff lets this node's calls run out, all of them.
func (n *node) cutOff() {
	for _, push := range pushes(n.feed(membership.TagsRequested{Call: n.newCall()})) {
		n.pushEnded(push, swim.Silent)
	}
	n.leases(period, true)
}

func TestANodeThatIsCutOffAgainWithdraws(t *testing.T) {
	n := ownLeases(t)
	n.cutOff()
	if got := n.self(); got.State != swim.Alive {
		t.Fatalf("the first time it is %s", got.State)
	}
	n.leases(10*time.Second, false)
	n.cutOff()
	if got := n.self(); got.State != swim.Failed || got.Accuser != "1" {
		t.Fatalf("the second time it is %s, said by %q; want failed, by its own word", got.State, got.Accuser)
	}
	n.leases(28*time.Second, false)
	if got := n.self().State; got != swim.Failed {
		t.Errorf("it is %s before it was well for 30 s", got)
	}
	n.leases(3*time.Second, false)
	if got := n.self().State; got != swim.Alive {
		t.Errorf("it is %s although it was well for 30 s", got)
	}
}

// Whoever asks while this node waits has its answer as soon as anybody else.
func TestANodeThatWaitsAsksForALeaseForEachAccuser(t *testing.T) {
	n := ownLeases(t)
	n.leases(time.Second, true)
	n.isHeldFor(swim.Suspect)
	n.leases(time.Second, true)
	_, effects := n.accusedByPeer("2", n.self().Incarnation)
	asked := slices.ContainsFunc(of[membership.Heartbeat](effects), func(h membership.Heartbeat) bool { return h.LeaseRequested })
	if !asked {
		t.Error("no lease is asked for: the accuser has no answer before the next regular one")
	}
}
