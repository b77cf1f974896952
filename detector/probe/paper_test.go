package probe_test

import (
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/swimpair/swim/detector/probe"
	"github.com/swimpair/swim/proto/swim"
)

// The claims of the papers that this package implements, one test each. SWIM is Das,
// Gupta, Motivala 2002; Lifeguard is Dadgar, Phillips, Currey 2018.

// SWIM 3.1: "Every T' time units, Mi selects a random member and sends a ping to it."
func TestOneMemberIsPingedEachProtocolPeriod(t *testing.T) {
	n := startNode(t, members(7)...)
	n.world = healthy()
	started := n.now.Mono
	var at []time.Duration
	n.after = func(_ probe.Input, effects []probe.Effect) {
		for range targetPings(effects) {
			at = append(at, n.now.Mono)
		}
	}
	n.advance(20 * period)
	if len(at) != 20 {
		t.Fatalf("got %d pings in 20 periods, want 20", len(at))
	}
	if at[0]-started >= period {
		t.Errorf("got the first ping after %s, want it within the first period", at[0]-started)
	}
	for i := 1; i < len(at); i++ {
		if got := at[i] - at[i-1]; got != period {
			t.Errorf("got %s between pings %d and %d, want T' = %s", got, i-1, i, period)
		}
	}
}

// SWIM 3.1: the periods of different members are not synchronised.
func TestTheFirstPeriodStartsAtARandomPhase(t *testing.T) {
	phases := map[time.Duration]bool{}
	for seed := range uint64(20) {
		n := newNode(t, config(), seed)
		started := n.now.Mono
		n.see(members(3)...)
		n.nextRound()
		phases[n.now.Mono-started] = true
	}
	if len(phases) < 15 {
		t.Errorf("got %d phases for 20 seeds, want (nearly) all different", len(phases))
	}
}

// SWIM 3.1: without an ack within the message time-out, k members are asked to ping the
// target; the time-out is shorter than the period.
func TestWithoutAnAckKProxiesAreAsked(t *testing.T) {
	for _, k := range []int{0, 1, 2, 3, 5} {
		cfg := config()
		cfg.IndirectProbes = k
		n := newNode(t, cfg, 1)
		n.see(members(9)...)
		n.nextRound()
		none[probe.IndirectPing](t, n.advance(timeout-1), "the time-out is not over")
		if got := len(pick[probe.IndirectPing](n.advance(1))); got != k {
			t.Errorf("got %d proxies asked at the time-out, want k = %d", got, k)
		}
	}
}

// SWIM 3.1: the k proxies are chosen at random.
func TestAnyMemberMayBecomeAProxy(t *testing.T) {
	n := startNode(t, members(8)...)
	n.world = dead
	asked := map[swim.NodeID]bool{}
	for _, p := range pick[probe.IndirectPing](n.advance(100 * period)) {
		asked[p.Proxy.ID] = true
	}
	if len(asked) != 8 {
		t.Errorf("got proxies %v over 100 periods, want all 8 members", slices.Sorted(maps.Keys(asked)))
	}
}

// SWIM 3.1: an ack, direct or indirect, must come before the period is over; else the
// target is declared failed (here: reported unreachable).
func TestTheVerdictComesAtTheEndOfTheProtocolPeriod(t *testing.T) {
	n := startNode(t, members(5)...)
	n.nextRound()
	none[probe.ReportUnreachable](t, n.advance(period-1), "the period is not over")
	only[probe.ReportUnreachable](t, n.advance(1))
}

// SWIM 4.3: the list is shuffled and walked through; so a round of as many periods as
// there are others reaches each of them exactly once.
func TestShuffledOrderReachesEveryMemberOncePerRound(t *testing.T) {
	const others = 9
	n := startNode(t, members(others)...)
	n.world = healthy()
	orders := map[string]bool{}
	for round := range 20 {
		got := targets(n.advance(others * period))
		orders[string(join(got))] = true
		slices.Sort(got)
		if want := sortedIDs(members(others)); !slices.Equal(got, want) {
			t.Fatalf("round %d: got targets %v, want each of %v once", round, got, want)
		}
	}
	if len(orders) < 15 {
		t.Errorf("got %d different orders in 20 rounds, want the list reshuffled after each", len(orders))
	}
}

// SWIM 4.3: "the time between the selection of the same member is at most 2n - 1 periods",
// n being the length of the list.
func TestEveryMemberIsPingedWithin2NMinus1Periods(t *testing.T) {
	const others = 6
	for seed := range uint64(20) {
		n := newNode(t, config(), seed)
		n.see(members(others)...)
		n.world = healthy()
		last := map[swim.NodeID]int{}
		for i, id := range targets(n.advance(50 * others * period)) {
			if before, seen := last[id]; seen && i-before > 2*others-1 {
				t.Fatalf("seed %d: got %d periods between two pings of %s, want at most %d", seed, i-before, id, 2*others-1)
			}
			last[id] = i
		}
		if len(last) != others {
			t.Fatalf("seed %d: got %d members pinged, want %d", seed, len(last), others)
		}
	}
}

// SWIM 4.3: "a new member is inserted at a position chosen uniformly at random".
func TestNewcomersAreInsertedAtRandomPlaces(t *testing.T) {
	const others, seeds = 5, 600
	turns := make([]int, others+1)
	for seed := range uint64(seeds) {
		n := newNode(t, config(), seed)
		n.see(members(others)...)
		n.world = healthy()
		n.change(member("newcomer"))
		got := targets(n.advance((others + 1) * period))
		turn := slices.Index(got, "newcomer")
		if turn < 0 {
			t.Fatalf("seed %d: got %v, want the newcomer pinged within the round", seed, got)
		}
		turns[turn]++
	}
	for turn, times := range turns { // 100 each on average; 50 is 5 standard deviations off
		if times < 50 || times > 150 {
			t.Errorf("got turn %d for %d of %d newcomers, want about %d; all turns: %v", turn, times, seeds, seeds/len(turns), turns)
		}
	}
}

// SWIM 4.3: a newcomer waits no longer than one round.
func TestANewcomerInMidRoundIsPingedInTheSameRound(t *testing.T) {
	for seed := range uint64(50) {
		n := newNode(t, config(), seed)
		n.see(members(6)...)
		n.world = healthy()
		before := targets(n.advance(3 * period))
		n.change(member("newcomer"))
		got := append(before, targets(n.advance(4*period))...)
		if want := append(sortedIDs(members(6)), "newcomer"); !slices.Equal(slices.Sorted(slices.Values(got)), want) {
			t.Fatalf("seed %d: got round %v, want each of %v once", seed, got, want)
		}
	}
}

// SWIM 3.1, and the seed: uniformly at random, with replacement.
func TestRandomOrderPicksUniformlyWithReplacement(t *testing.T) {
	cfg := config()
	cfg.Order = probe.Random
	n := newNode(t, cfg, 1)
	n.see(members(4)...)
	n.world = healthy()
	count, twice := map[swim.NodeID]int{}, 0
	got := targets(n.advance(1000 * period))
	for i, id := range got {
		count[id]++
		if i > 0 && got[i-1] == id {
			twice++
		}
	}
	for _, id := range sortedIDs(members(4)) {
		if count[id] < 180 || count[id] > 320 {
			t.Errorf("got %s pinged %d times of 1000, want about 250", id, count[id])
		}
	}
	if twice < 180 || twice > 320 {
		t.Errorf("got the same target twice running %d times of 1000, want about 250", twice)
	}
}

// SWIM 4.2: a suspected member is still a target, so that it can be found alive.
func TestSuspectMembersAreStillProbed(t *testing.T) {
	n := startNode(t, in(member("2"), swim.Suspect))
	if got := n.nextRound().Target; got != "2" {
		t.Errorf("got target %s, want the suspect", got)
	}
}

// Lifeguard 3.1: a proxy that hears nothing says so (nack) after 80 % of the time-out.
func TestAProxyNacksAt80PercentOfItsBudget(t *testing.T) {
	n := startNode(t, members(3)...)
	effects := n.step(probe.IndirectPingReceived{Call: 9, TargetID: "2", Budget: 500 * time.Millisecond})
	if got, limit := only[probe.Ping](t, effects).Timeout, 400*time.Millisecond; got >= limit {
		t.Errorf("got a ping with time-out %s, want its outcome before 80 %% of the budget: %s", got, limit)
	}
	none[probe.AnswerIndirectPing](t, n.advance(400*time.Millisecond-1), "80 % of the budget are not over")
	got := only[probe.AnswerIndirectPing](t, n.advance(1))
	if want := (probe.AnswerIndirectPing{Call: 9, Evidence: swim.Silent}); got != want {
		t.Errorf("got %+v, want the nack %+v", got, want)
	}
}

func sortedIDs(all []swim.Member) (ids []swim.NodeID) {
	for _, m := range all {
		ids = append(ids, m.ID)
	}
	slices.Sort(ids)
	return ids
}

func join(ids []swim.NodeID) (joined []byte) {
	for _, id := range ids {
		joined = append(append(joined, id...), ' ')
	}
	return joined
}
