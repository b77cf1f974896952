package membership_test

import (
	"slices"
	"testing"
	"time"

	"github.com/swimpair/swim/disseminator/membership"
	"github.com/swimpair/swim/proto/swim"
)

func TestTheNextLeaseRefutes(t *testing.T) {
	n := startKnowing(t, member("2"), member("3"))
	before := n.self().Incarnation
	call, effects := n.accusedByPeer("2", before)
	none[membership.AnswerNews](t, effects) // held back until the lease has come
	if got := n.self().Incarnation; got != before {
		t.Fatalf("the incarnation rose to %d before a lease came", got)
	}
	effects = n.lease()
	refuted := n.self()
	if refuted.State != swim.Alive || refuted.Incarnation != before+1 || refuted.Reason != swim.Refuted {
		t.Errorf("this node's row is %s at %d, %s; want alive at %d, refuted", refuted.State, refuted.Incarnation, refuted.Reason, before+1)
	}
	answer := answerTo[membership.AnswerNews](t, effects, call)
	if answer.DetectorDown || len(answer.Newer) != 1 || swim.Compare(answer.Newer[0], refuted) != 0 {
		t.Errorf("the accuser is answered %+v, want the new row", answer)
	}
	if got, want := receivers(pushes(effects)), []swim.NodeID{"2", "3"}; !slices.Equal(got, want) {
		t.Errorf("the refutation goes to %v, want %v", got, want)
	}
	if !saw(effects, membership.RefutedMyself) {
		t.Error("nobody was told of the refutation")
	}
}

func TestALeaseFromBeforeTheAccusationDoesNotRefute(t *testing.T) {
	n := startKnowing(t, member("2"))
	before := n.self()
	n.lease()
	n.detach()
	call, effects := n.accusedByPeer("2", before.Incarnation)
	effects = append(effects, n.run(period-time.Millisecond)...)
	if !answerTo[membership.AnswerNews](t, effects, call).DetectorDown {
		t.Error("the accuser was not told that the detector is down")
	}
	if got := n.self(); swim.Compare(got, before) != 0 {
		t.Errorf("the row became %+v without a lease", got)
	}
}

func TestALeaseIsAskedForAtOnce(t *testing.T) {
	n := startKnowing(t, member("2"))
	_, effects := n.accusedByPeer("2", n.self().Incarnation)
	asked := slices.ContainsFunc(of[membership.Heartbeat](effects), func(h membership.Heartbeat) bool { return h.LeaseRequested })
	if !asked {
		t.Errorf("no lease was asked for: %+v", effects)
	}
	if !saw(effects, membership.AccusedMyself) {
		t.Error("nobody was told of the accusation")
	}
}

func TestAnAccuserIsAnsweredWithinItsPatience(t *testing.T) {
	n := startKnowing(t, member("2"))
	n.detach()
	call, _ := n.accusedByPeer("2", n.self().Incarnation)
	effects := n.run(period - 100*time.Millisecond) // it waits for one protocol period
	if !answerTo[membership.AnswerNews](t, effects, call).DetectorDown {
		t.Error("the accuser was not told that the detector is down")
	}
	t.Run("and a late lease still refutes, for everybody", func(t *testing.T) {
		before := n.self().Incarnation
		effects := n.lease()
		if got := n.self().Incarnation; got != before+1 {
			t.Errorf("the incarnation is %d, want %d", got, before+1)
		}
		none[membership.AnswerNews](t, effects) // nobody is answered twice
		if got := receivers(pushes(effects)); !slices.Equal(got, []swim.NodeID{"2"}) {
			t.Errorf("the refutation goes to %v, want 2", got)
		}
	})
}

func TestAnAccuserHearsAtOnceThatTheDetectorIsKnownDown(t *testing.T) {
	for name, down := range map[string]func(n *node){
		"its stream broke": func(n *node) { n.feed(membership.DetectorDetached{Why: "connection reset"}) },
		"it was silent":    func(n *node) { n.run(2 * period) },
	} {
		t.Run(name, func(t *testing.T) {
			n := startKnowing(t, member("2"))
			n.detach()
			before := n.self()
			down(n)
			call, effects := n.accusedByPeer("2", before.Incarnation)
			answer := answerTo[membership.AnswerNews](t, effects, call)
			if len(answer.Newer) != 1 || answer.Newer[0].State != swim.Suspect || answer.Newer[0].Reason != swim.DetectorDown {
				t.Fatalf("the answer is %+v, want the row that says so", answer)
			}
			n.lease()
			if got := n.self(); got.State != swim.Alive || got.Incarnation <= answer.Newer[0].Incarnation {
				t.Errorf("with its detector back the node is %s at %d", got.State, got.Incarnation)
			}
		})
	}
}

func TestSeveralAccusersAreAnsweredAndTheIncarnationRisesOnce(t *testing.T) {
	n := startKnowing(t, member("2"), member("3"), member("4"))
	before := n.self().Incarnation
	var calls []membership.Call
	for _, accuser := range []swim.NodeID{"2", "3", "4"} {
		call, _ := n.accusedByPeer(accuser, before)
		calls = append(calls, call)
		n.run(100 * time.Millisecond)
	}
	effects := n.lease()
	for _, call := range calls {
		if answer := answerTo[membership.AnswerNews](t, effects, call); len(answer.Newer) != 1 || answer.Newer[0].Incarnation != before+1 {
			t.Errorf("accuser %d is answered %+v, want the row at %d", call, answer, before+1)
		}
	}
	if got := n.self().Incarnation; got != before+1 {
		t.Errorf("the incarnation is %d, want %d", got, before+1)
	}
	n.lease()
	if got := n.self().Incarnation; got != before+1 {
		t.Errorf("a further lease raised the incarnation to %d", got)
	}
}

func TestARefutationOutbidsTheHighestAccusation(t *testing.T) {
	n := startKnowing(t, member("2"), member("3"))
	before := n.self().Incarnation
	n.accusedByPeer("2", before+7)
	n.accusedByPeer("3", before)
	n.lease()
	if got := n.self().Incarnation; got != before+8 {
		t.Errorf("the incarnation is %d, want %d", got, before+8)
	}
}

func TestAnAccusationOfTheDeadIsRefutedAsWell(t *testing.T) {
	for _, state := range []swim.State{swim.Failed, swim.Left, swim.Forgotten} {
		t.Run(state.String(), func(t *testing.T) {
			n := startKnowing(t, member("2"))
			dead := n.self()
			dead.State, dead.Accuser = state, "2"
			n.hears(dead)
			n.wantState("1", swim.Alive)
			n.lease()
			if got := n.self(); !swim.Supersedes(got, dead) || got.State != swim.Alive {
				t.Errorf("this node is %s at %d, which does not beat %s at %d", got.State, got.Incarnation, state, dead.Incarnation)
			}
		})
	}
}

func TestAnAccusationThatIsPastIsAnsweredWithoutALease(t *testing.T) {
	n := startKnowing(t, member("2"))
	call, effects := n.accusedByPeer("2", n.self().Incarnation-1)
	answer := answerTo[membership.AnswerNews](t, effects, call)
	if answer.DetectorDown || len(answer.Newer) != 1 || swim.Compare(answer.Newer[0], n.self()) != 0 {
		t.Errorf("the answer is %+v, want this node's row", answer)
	}
}

func TestALeaseOfAStoppingDetectorDoesNotRefute(t *testing.T) {
	n := startKnowing(t, member("2"))
	before := n.self().Incarnation
	n.detach()
	call, _ := n.accusedByPeer("2", before)
	effects := n.feed(membership.LeaseReceived{Stopping: true})
	effects = append(effects, n.run(period-time.Millisecond)...)
	if got := n.self(); got.Incarnation != before || got.Reason == swim.Refuted {
		t.Errorf("this node became %s at %d, %s", got.State, got.Incarnation, got.Reason)
	}
	if !answerTo[membership.AnswerNews](t, effects, call).DetectorDown {
		t.Error("the accuser was not told that the detector is down")
	}
}

func TestTagsDoNotRefuteForADeadDetector(t *testing.T) {
	n := startKnowing(t, member("2"))
	accused := n.self().Incarnation
	n.detach()
	n.accusedByPeer("2", accused)
	n.run(2 * period) // no lease: the detector is down, and the others know it
	effects := n.feed(membership.TagsRequested{Call: n.newCall(), Tags: map[string]string{"role": "web"}})
	for _, push := range pushes(effects) {
		for _, m := range push.Members {
			if m.ID == "1" && m.State == swim.Alive && m.Incarnation > accused {
				t.Errorf("node %s is told %s at %d, which refutes without a lease", push.To.ID, m.State, m.Incarnation)
			}
		}
	}
}

func TestANodeThatNobodyHasAdmittedAnswersItsAccuserAndTellsNobodyElse(t *testing.T) {
	n := start(t)
	n.hears(member("2"), member("3"))
	n.lease()
	call, _ := n.accusedByPeer("2", n.self().Incarnation)
	effects := n.lease()
	if got := answerTo[membership.AnswerNews](t, effects, call).Newer; len(got) != 1 {
		t.Errorf("the accuser is answered with %d rows, want one", len(got))
	}
	none[membership.Disseminate](t, effects)
}

func TestAPausedProcessStillAnswersItsAccusers(t *testing.T) {
	n := startKnowing(t, member("2"))
	before := n.self().Incarnation
	call, _ := n.accusedByPeer("2", before)
	n.stall(20 * time.Second)
	effects := n.run(0)
	effects = append(effects, n.lease()...)
	if answer := answerTo[membership.AnswerNews](t, effects, call); answer.DetectorDown || len(answer.Newer) != 1 {
		t.Errorf("the answer is %+v, want the refutation: the detector was paused as well", answer)
	}
}

func TestWatchersHearAHeartbeatEachHalfPeriod(t *testing.T) {
	n := start(t)
	n.run(0)
	if got := len(of[membership.Heartbeat](n.run(10 * period))); got != 20 {
		t.Errorf("%d heartbeats in ten periods, want 20", got)
	}
}

func TestTheDetectorIsReportedDownAndUp(t *testing.T) {
	n := start(t)
	if effects := n.run(2 * period); !saw(effects, membership.DetectorDown) {
		t.Error("a detector that was never heard is not reported")
	}
	if !saw(n.lease(), membership.DetectorUp) || n.core.Snapshot().DetectorDown != "" {
		t.Errorf("the first lease leaves the detector down: %q", n.core.Snapshot().DetectorDown)
	}
	if saw(n.run(period-time.Millisecond), membership.DetectorDown) {
		t.Error("reported down within a period of its lease")
	}
	if !saw(n.run(time.Millisecond), membership.DetectorDown) {
		t.Error("a period of silence is not reported")
	}
	n.lease()
	if !saw(n.feed(membership.DetectorDetached{Why: "connection reset"}), membership.DetectorDown) {
		t.Error("a broken stream is not reported")
	}
	if saw(append(n.feed(membership.DetectorDetached{Why: "again"}), n.run(10*period)...), membership.DetectorDown) {
		t.Error("reported a second time")
	}
}

func TestAProcessThatStartsLateOnItsClockHasNotStalled(t *testing.T) {
	n := &node{t: t, now: time.Hour}
	n.core = membership.New(config("1"), newRand(1), n.time())
	if !saw(n.run(2*period), membership.DetectorDown) {
		t.Error("a detector that was never heard is not reported within two periods")
	}
}
