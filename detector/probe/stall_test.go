package probe_test

import (
	"testing"
	"time"

	"github.com/swimpair/swim/detector/probe"
	"github.com/swimpair/swim/proto/swim"
)

// A prober that was paused is no judge of others: its clock ran on while its ears were shut.

func TestARoundThatWasSleptThroughIsDroppedWithoutVerdict(t *testing.T) {
	for name, c := range map[string]struct{ before, stall time.Duration }{
		"with the direct ping out":           {before: 10 * time.Millisecond, stall: 2*period + period/2},
		"with the proxies asked":             {before: timeout, stall: 2*period + period/2},
		"to just before the end":             {before: 10 * time.Millisecond, stall: period - 50*time.Millisecond},
		"beyond half of the proxies' budget": {before: 10 * time.Millisecond, stall: timeout + rest/2},
	} {
		t.Run(name, func(t *testing.T) {
			n := startNode(t, members(4)...)
			ping := n.nextRound()
			n.advance(c.before)
			n.stall(c.stall)
			effects := n.step(probe.Tick{})
			if got := told(t, effects, probe.RoundDropped); got.Member != ping.Target || got.Trace != ping.Trace {
				t.Errorf("got event %+v, want it about %s", got, ping.Target)
			}
			none[probe.ReportUnreachable](t, effects, "this process was stalled")
			none[probe.IndirectPing](t, effects, "this process was stalled")
		})
	}
}

func TestOutcomesThatWaitedOutAStallBringNoVerdict(t *testing.T) {
	n := startNode(t, members(4)...)
	ping := n.nextRound()
	asked := n.askProxies()
	n.stall(3 * period)
	effects := n.step(unanswered(ping))
	for _, p := range asked {
		effects = append(effects, n.step(proxySays(p, swim.None))...)
	}
	none[probe.ReportUnreachable](t, effects, "the outcomes are those of a stalled process")

	n = startNode(t, members(4)...)
	ping = n.nextRound()
	n.stall(3 * period)
	effects = n.step(unanswered(ping))
	none[probe.IndirectPing](t, effects, "the period is long over")
	none[probe.ReportUnreachable](t, append(effects, n.advance(0)...), "the process was stalled")
}

func TestAStallOfManyPeriodsIsNotMadeUpFor(t *testing.T) {
	n := startNode(t, members(4)...)
	n.nextRound()
	n.stall(50 * period)
	effects := n.advance(period - 1)
	if got := len(targetPings(effects)); got != 1 {
		t.Errorf("got %d rounds in the period after a stall, want 1", got)
	}
}

func TestALittleLatenessIsForgiven(t *testing.T) {
	n := startNode(t, members(4)...)
	n.nextRound()
	n.advance(timeout - 1)
	n.stall(1 + rest/4)
	asked := pick[probe.IndirectPing](n.step(probe.Tick{}))
	if len(asked) != 3 {
		t.Fatalf("got %d proxies asked, want 3", len(asked))
	}
	if got, want := asked[0].Timeout, rest-rest/4; got != want {
		t.Errorf("got time-out %s, want what is left of the period, %s", got, want)
	}
	n.advance(rest - rest/4 - 1)
	n.stall(1 + rest/4)
	only[probe.ReportUnreachable](t, n.step(probe.Tick{}))
}

// The start of a period is one more deadline to be late for: whatever comes of a period
// that starts late, nobody is accused without the time-out, and the half of the proxies'
// time that a stall is forgiven elsewhere.
func TestAPeriodThatStartsLateAccusesNobodyWithoutTimeForTheProxies(t *testing.T) {
	for late := time.Duration(0); late < period; late += period / 20 {
		n := startNode(t, members(4)...)
		n.step(ack(n.nextRound()))
		n.advance(period / 2)
		n.stall(period/2 + late) // into the next period
		n.world = healthy("2", "3", "4", "5")
		started := n.now.Mono
		n.after = func(_ probe.Input, effects []probe.Effect) {
			for _, p := range pick[probe.IndirectPing](effects) {
				if p.Timeout < rest/2 {
					t.Errorf("late by %s: got time-out %s for proxy %s, want at least %s or none asked", late, p.Timeout, p.Proxy.ID, rest/2)
				}
			}
			for range pick[probe.ReportUnreachable](effects) {
				if got := n.now.Mono - started; got < timeout+rest/2 {
					t.Errorf("late by %s: got a verdict after %s, want none before %s", late, got, timeout+rest/2)
				}
			}
		}
		n.advance(period)
	}
}

// The same, with a second, small lateness that would be forgiven elsewhere.
func TestAProxyIsNeverAskedForAPeriodThatIsOver(t *testing.T) {
	n := startNode(t, members(4)...)
	n.step(ack(n.nextRound()))
	n.advance(period / 2)
	n.stall(period/2 + 6*period/10) // 400 ms are left of the new period
	n.step(probe.Tick{})
	n.stall(450 * time.Millisecond) // 150 ms late to ask the proxies
	effects := n.step(probe.Tick{})
	for _, p := range pick[probe.IndirectPing](effects) {
		if p.Timeout <= 0 {
			t.Errorf("got a proxy asked with time-out %s, want some time or none asked", p.Timeout)
		}
	}
	none[probe.ReportUnreachable](t, effects, "no proxy has had time to answer")
}
