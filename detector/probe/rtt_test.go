package probe_test

import (
	"testing"
	"time"

	"github.com/swimpair/swim/detector/probe"
	"github.com/swimpair/swim/proto/swim"
)

// The least that a ping, and the proxies, are given.
const (
	minTimeout   = 100 * time.Millisecond
	minProxyTime = 300 * time.Millisecond
)

// settled is a node that has had an ack within a while for some time. Nobody answers from now
// on.
func settled(t *testing.T, acks func(i int) time.Duration) *node {
	n := startNode(t, members(8)...)
	rounds := 0
	n.world = func(e probe.Effect) (time.Duration, probe.Input) {
		if p, ok := e.(probe.Ping); ok {
			rounds++
			return acks(rounds), ack(p)
		}
		return 0, nil
	}
	n.advance(40 * period)
	n.world = nil
	return n
}

func always(d time.Duration) func(int) time.Duration { return func(int) time.Duration { return d } }

// missedAfter is how long the next ping has before the proxies are asked.
func missedAfter(n *node) time.Duration {
	n.t.Helper()
	n.nextRound()
	for started := n.now.Mono; n.now.Mono < started+period; {
		if effects, _ := n.next(started + period); len(events(effects, probe.PingMissed)) > 0 {
			return n.now.Mono - started
		}
	}
	n.t.Fatal("got no missed ping within a period, want one")
	return 0
}

// RFC 6298: mean + 4 mean deviations, within limits.
func TestTimeOutsFollowTheAcks(t *testing.T) {
	swinging := func(i int) time.Duration { return []time.Duration{10, 60}[i%2] * time.Millisecond }
	for name, c := range map[string]struct {
		acks      func(int) time.Duration
		low, high time.Duration
	}{
		"a fast network":     {always(latency), minTimeout, minTimeout},
		"a slow, steady one": {always(150 * time.Millisecond), 150 * time.Millisecond, 160 * time.Millisecond},
		"an uneven one":      {swinging, 110 * time.Millisecond, 160 * time.Millisecond},
		"a very slow one":    {always(period / 2), timeout, timeout},
	} {
		if got := missedAfter(settled(t, c.acks)); got < c.low || got > c.high {
			t.Errorf("%s: got proxies asked after %s, want that between %s and %s", name, got, c.low, c.high)
		}
	}
}

// A nack leaves when 80 % of the proxy's time are over.
func TestANackHasTimeToComeBack(t *testing.T) {
	for _, trip := range []time.Duration{latency, 70 * time.Millisecond, 130 * time.Millisecond} {
		n := settled(t, always(trip))
		missedAfter(n)
		n.nextRound()
		asked := pick[probe.IndirectPing](n.advance(timeout))
		if got := asked[0].Timeout / 5; got < trip {
			t.Errorf("acks take %s: got %s for a nack to come back, want as much", trip, got)
		}
	}
}

func TestTheFirstTimeOutsAreTheLongest(t *testing.T) {
	n := startNode(t, members(8)...)
	if got := missedAfter(n); got != timeout {
		t.Errorf("got proxies asked after %s, want it after %s: nothing is known of the network", got, timeout)
	}
}

func TestOneLateAckIsNotForgottenAtOnce(t *testing.T) {
	n := settled(t, always(latency))
	ping := n.nextRound()
	n.advance(900 * time.Millisecond)
	n.step(ack(ping))
	if got := missedAfter(n); got < 2*minTimeout {
		t.Errorf("got proxies asked after %s, want it at least twice the least, %s", got, minTimeout)
	}
}

func TestEachMissedPingDoublesTheTimeOut(t *testing.T) {
	n := settled(t, always(latency))
	for _, want := range []time.Duration{minTimeout, 2 * minTimeout, timeout, timeout} {
		if got := missedAfter(n); got != want {
			t.Errorf("got proxies asked after %s, want it after %s", got, want)
		}
	}
	n.step(ack(n.nextRound()))
	if got := missedAfter(n); got != minTimeout {
		t.Errorf("got proxies asked after %s, want it after %s: there was an ack", got, minTimeout)
	}
}

// The silence of whom others suspect is its own.
func TestTheSilenceOfASuspectLengthensNoTimeOut(t *testing.T) {
	n := settled(t, always(latency))
	for _, m := range members(8) {
		n.change(suspectBy("77", m.ID))
	}
	n.advance(period) // this node may be one of the witnesses
	for range 4 {
		if got := missedAfter(n); got != minTimeout {
			t.Fatalf("got proxies asked after %s, want it after %s", got, minTimeout)
		}
	}
}

func TestWhoseTimersAreLateHasLongerTimeOuts(t *testing.T) {
	n := settled(t, always(latency))
	n.step(ack(n.nextRound()))
	n.moveTo(n.core.Deadline() + 60*time.Millisecond)
	n.step(probe.Tick{})
	if got := missedAfter(n); got < 240*time.Millisecond {
		t.Errorf("got proxies asked after %s, want it after four times the lateness of 60ms, or more", got)
	}
}

// A verdict comes when it may, not when the period is over.
func TestOnAFastNetworkAVerdictComesInLessThanHalfAPeriod(t *testing.T) {
	for _, others := range []int{1, 8} {
		n := startNode(t, members(others)...)
		n.world = healthy()
		n.advance(40 * period)
		n.world = nil
		n.nextRound()
		effects := n.advance(minTimeout)
		for _, p := range pick[probe.IndirectPing](effects) {
			if p.Timeout != minProxyTime {
				t.Errorf("got time-out %s for proxy %s, want %s", p.Timeout, p.Proxy.ID, minProxyTime)
			}
		}
		none[probe.ReportUnreachable](t, append(effects, n.advance(minProxyTime-1)...), "the proxies' time is not over")
		only[probe.ReportUnreachable](t, n.advance(1))
	}
}

func TestAnAckAfterAnEarlyVerdictIsToldAsASignOfLife(t *testing.T) {
	for _, after := range []time.Duration{minTimeout + minProxyTime, period - 1, period + 2*time.Second - 1} {
		n := settled(t, always(latency))
		ping := n.nextRound()
		n.world = healthy(ping.Target)
		n.advance(after)
		n.step(unanswered(ping))
		told := only[probe.ReportReached](t, n.step(ack(ping)))
		if told.Responder.ID != ping.Target || told.Trace != ping.Trace {
			t.Errorf("after %s: got %+v, want that %s answered", after, told, ping.Target)
		}
	}
}

// What the proxies say may wait in this process's queue: it is no judge if it comes too late to
// look.
func TestWithShortTimeOutsLessLatenessIsForgiven(t *testing.T) {
	for late, want := range map[time.Duration]int{minProxyTime/2 + 1: 0, minProxyTime / 2: 1} {
		n := settled(t, always(latency))
		n.nextRound()
		n.advance(minTimeout + minProxyTime - 1)
		n.stall(1 + late)
		if got := len(pick[probe.ReportUnreachable](n.step(probe.Tick{}))); got != want {
			t.Errorf("late by %s: got %d verdicts, want %d", late, got, want)
		}
	}
}

// One message may have got lost: the ping is sent once more at half of its time-out.
func TestASlowPingIsSentOnceMore(t *testing.T) {
	n := settled(t, always(latency))
	ping := n.nextRound()
	n.again = nil
	n.advance(minTimeout/2 - 1)
	if len(n.again) != 0 {
		t.Fatalf("got %+v, want half of the time-out over first", n.again)
	}
	n.advance(period - minTimeout)
	if len(n.again) != 1 {
		t.Fatalf("got the ping sent once more %d times, want once", len(n.again))
	}
	got := n.again[0]
	if got.Number != ping.Number || got.Target != ping.Target || got.Instance != ping.Instance || got.Trace != ping.Trace {
		t.Errorf("got %+v, want the same as %+v", got, ping)
	}
	if want := (period - minTimeout/2) * 95 / 100; got.Timeout != want {
		t.Errorf("got time-out %s, want its outcome by the end of the period, within %s", got.Timeout, want)
	}
}

func TestAnAckOfEitherPingEndsTheRound(t *testing.T) {
	n := settled(t, always(latency))
	ping := n.nextRound()
	n.advance(minTimeout/2 + latency)
	effects := append(n.step(ack(ping)), n.step(ack(ping))...)
	effects = append(effects, n.advance(period/2)...)
	none[probe.IndirectPing](t, effects, "it has answered")
	none[probe.ReportUnreachable](t, effects, "it has answered")
}

func TestAPingThatHasEndedIsNotSentAgain(t *testing.T) {
	for _, how := range []swim.Evidence{swim.Acked, swim.Refused, swim.WrongTarget, swim.None} {
		n := settled(t, always(latency))
		ping := n.nextRound()
		n.again = nil
		n.step(probe.PingEnded{Number: ping.Number, Evidence: how, Responder: swim.Member{ID: ping.Target, Instance: ping.Instance}})
		n.advance(period / 2)
		if len(n.again) != 0 {
			t.Errorf("%s: got %+v, want nothing sent again", how, n.again)
		}
	}
}
