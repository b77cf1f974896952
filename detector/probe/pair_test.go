package probe_test

import (
	"testing"
	"time"

	"github.com/swimpair/swim/detector/probe"
	"github.com/swimpair/swim/proto/swim"
)

func TestALeaseGoesOutAtTheStartAndEachHalfPeriod(t *testing.T) {
	n := newOrphan(t)
	started := n.now.Mono
	var at []time.Duration
	n.after = func(_ probe.Input, effects []probe.Effect) {
		for _, lease := range pick[probe.SendLease](effects) {
			if lease.Stopping {
				t.Errorf("got a lease that says stopping, want one that does not")
			}
			at = append(at, n.now.Mono-started)
		}
	}
	n.advance(10 * period)
	if len(at) != 21 {
		t.Fatalf("got leases at %v, want 21: one at once and two per period", at)
	}
	for i, got := range at {
		if want := time.Duration(i) * period / 2; got != want {
			t.Errorf("got lease %d at %s, want %s", i, got, want)
		}
	}
}

func TestALeaseGoesOutAtOnceOnRequest(t *testing.T) {
	n := startOrphan(t)
	n.advance(period / 4)
	only[probe.SendLease](t, n.step(probe.HeartbeatReceived{LeaseRequested: true}))
	none[probe.SendLease](t, n.step(probe.HeartbeatReceived{}), "nobody asked")
}

func TestTheDisseminatorIsUpWhenItIsFirstHeard(t *testing.T) {
	for name, in := range map[string]probe.Input{
		"view":      probe.ViewReplaced{},
		"change":    probe.ViewChanged{Member: member("2")},
		"heartbeat": probe.HeartbeatReceived{},
	} {
		n := newOrphan(t)
		told(t, n.step(in), probe.DisseminatorUp)
		if got := events(n.step(in), probe.DisseminatorUp); len(got) != 0 {
			t.Errorf("%s: got the news twice, want it once", name)
		}
	}
}

func TestASilentDisseminatorIsDownAfterOnePeriod(t *testing.T) {
	n := startOrphan(t)
	none[probe.Event](t, n.advance(period-1), "T' is not over")
	told(t, n.advance(1), probe.DisseminatorDown)
	if n.core.Snapshot().DisseminatorDown == "" {
		t.Errorf("got no reason in the snapshot, want one")
	}
	none[probe.Event](t, n.advance(10*period), "it has been said")
}

func TestADisseminatorThatWasNeverHeardIsSaidToBeDownOnce(t *testing.T) {
	n := newOrphan(t)
	told(t, n.advance(10*period), probe.DisseminatorDown)
}

func TestHeartbeatsEachHalfPeriodKeepTheDisseminatorUp(t *testing.T) {
	n := startOrphan(t)
	for range 50 {
		none[probe.Event](t, n.advance(period/2), "it is heard")
		none[probe.Event](t, n.step(probe.HeartbeatReceived{}), "it was up")
	}
}

func TestABrokenStreamIsSaidAtOnceAndOnce(t *testing.T) {
	n := startOrphan(t)
	if got := told(t, n.step(probe.DisseminatorLost{Why: "reset by peer"}), probe.DisseminatorDown).Detail; got != "reset by peer" {
		t.Errorf("got detail %q, want the reason", got)
	}
	effects := n.step(probe.DisseminatorLost{Why: "refused"})
	effects = append(effects, n.advance(5*period)...)
	none[probe.Event](t, effects, "it has been said")
	if got, want := n.core.Snapshot().DisseminatorDown, "reset by peer"; got != want {
		t.Errorf("got reason %q, want the first, %q", got, want)
	}
}

func TestTheDisseminatorComesUpAgain(t *testing.T) {
	n := startOrphan(t)
	n.step(probe.DisseminatorLost{Why: "reset"})
	n.advance(5 * period)
	told(t, n.see(), probe.DisseminatorUp)
	if got := n.core.Snapshot().DisseminatorDown; got != "" {
		t.Errorf("got down %q, want up", got)
	}
	none[probe.Event](t, n.advance(period-1), "it was just heard")
	told(t, n.advance(1), probe.DisseminatorDown)
}

func TestLeasesAndProbesGoOnWithoutTheDisseminator(t *testing.T) {
	n := startNode(t, members(3)...)
	n.step(probe.DisseminatorLost{Why: "reset"})
	effects := n.advance(10 * period)
	if got := len(targetPings(effects)); got != 10 {
		t.Errorf("got %d rounds in 10 periods, want 10", got)
	}
	if got := len(pick[probe.SendLease](effects)); got != 20 {
		t.Errorf("got %d leases in 10 periods, want 20", got)
	}
}

// newOrphan returns a node without a disseminator, startOrphan one that has heard it once.
func newOrphan(t *testing.T) *node {
	n := newNode(t, config(), 1)
	n.orphan = true
	return n
}

func startOrphan(t *testing.T, others ...swim.Member) *node {
	n := newOrphan(t)
	n.see(others...)
	return n
}

func TestADetectorWithoutItsDisseminatorProbesNobodyButAnswers(t *testing.T) {
	n := startNode(t, members(4)...)
	n.nextRound()
	n.orphan = true
	effects := n.step(probe.DisseminatorLost{Why: "reset by peer"})
	effects = append(effects, n.advance(10*period)...)
	if got := rounds(effects); len(got) > 0 {
		t.Errorf("got a round about %s, want none: there is nobody to tell", got[0].Target)
	}
	none[probe.ReportPingMissed](t, effects, "there is nobody to tell")
	none[probe.ReportUnreachable](t, effects, "there is nobody to tell")
	if got := only[probe.AnswerPing](t, n.step(probe.PingReceived{Call: 1, TargetID: me})); !got.IsAlive || !got.DisseminatorDown {
		t.Errorf("got %+v, want an ack that says that the disseminator is down", got)
	}
	n.orphan = false
	n.see(members(4)...)
	n.nextRound()
}
