package sim_test

import (
	"bytes"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/swimpair/swim/disseminator/membership"
	"github.com/swimpair/swim/proto/swim"
	"github.com/swimpair/swim/tests/sim"
)

const seeds = 20 / slowdown

// eachSeed runs a scenario under many seeds. A failure prints the trace of its run.
func eachSeed(t *testing.T, scenario func(t *testing.T, w *sim.World)) {
	t.Helper()
	for seed := uint64(1); seed <= seeds; seed++ {
		t.Run(fmt.Sprintf("seed=%d", seed), func(t *testing.T) {
			var trace bytes.Buffer
			t.Cleanup(func() {
				if t.Failed() && (testing.Verbose() || os.Getenv("SIM_TRACE") != "") {
					t.Logf("trace:\n%s", trace.String())
				}
			})
			scenario(t, sim.New(seed, &trace))
		})
	}
}

// startFive starts five nodes the seed's way: all named in MEMBERS, one after another.
func startFive(t *testing.T, w *sim.World) {
	t.Helper()
	startStatic(t, w, 5)
}

func startStatic(t *testing.T, w *sim.World, n int) {
	t.Helper()
	var all []int
	for id := 1; id <= n; id++ {
		all = append(all, id)
	}
	for _, id := range all {
		w.Start(id, sim.Options{Contacts: all})
		w.Run(300 * time.Millisecond)
	}
	within(t, w, 15*time.Second, "all lists agree", func() bool { return allSay(w, swim.Alive, all...) })
}

func within(t *testing.T, w *sim.World, limit time.Duration, what string, cond func() bool) time.Duration {
	t.Helper()
	start := w.Now()
	if !w.RunUntil(limit, cond) {
		t.Fatalf("not within %s: %s\n%s", limit, what, tables(w))
	}
	return w.Now() - start
}

// allSay reports whether every running node holds each of ids in that state.
func allSay(w *sim.World, state swim.State, ids ...int) bool {
	for _, n := range running(w) {
		for _, id := range ids {
			if n.State(swim.NodeID(fmt.Sprint(id))) != state {
				return false
			}
		}
	}
	return true
}

func othersSay(w *sim.World, state swim.State, id int) bool {
	for _, n := range running(w) {
		if n.ID != swim.NodeID(fmt.Sprint(id)) && n.State(swim.NodeID(fmt.Sprint(id))) != state {
			return false
		}
	}
	return true
}

func running(w *sim.World) []*sim.Node {
	return slices.DeleteFunc(slices.Clone(w.Nodes), func(n *sim.Node) bool { return !n.Running() })
}

func tables(w *sim.World) string {
	var b strings.Builder
	for _, n := range running(w) {
		fmt.Fprintf(&b, "%s:", n.ID)
		for _, m := range n.Members() {
			fmt.Fprintf(&b, " %s=%s@%d(%s)", m.ID, m.State, m.Incarnation, m.Reason)
		}
		fmt.Fprintf(&b, " contacts=%d\n", len(n.Contacts()))
	}
	return b.String()
}

// never fails the test if any node ever published that member in that state.
func never(t *testing.T, w *sim.World, id int, states ...swim.State) {
	t.Helper()
	for _, n := range w.Nodes {
		for _, seen := range n.Disseminator.History {
			if seen.Member.ID == swim.NodeID(fmt.Sprint(id)) && slices.Contains(states, seen.Member.State) {
				t.Errorf("at %s node %s published %s of node %d (%s)", seen.At, n.ID, seen.Member.State, id, seen.Member.Reason)
			}
		}
	}
}

func TestNodesStartedSecondsApartAgreeAndNobodyIsFailedForBeingLate(t *testing.T) {
	eachSeed(t, func(t *testing.T, w *sim.World) {
		all := []int{1, 2, 3, 4, 5}
		for _, id := range []int{3, 1, 5, 2, 4} {
			w.Start(id, sim.Options{Contacts: all})
			w.Run(7 * time.Second)
		}
		within(t, w, 15*time.Second, "all lists agree", func() bool { return allSay(w, swim.Alive, all...) })
		w.Run(time.Minute)
		for _, id := range all {
			never(t, w, id, swim.Suspect, swim.Failed, swim.Left)
		}
		for _, n := range running(w) {
			if got := len(n.Contacts()); got != 0 {
				t.Errorf("node %s still lists %d contacts", n.ID, got)
			}
		}
	})
}

func TestKilledNodeIsFailedEverywhereAndNotPingedAnyMore(t *testing.T) {
	for _, size := range []int{2, 3, 5} {
		t.Run(fmt.Sprintf("n=%d", size), func(t *testing.T) {
			eachSeed(t, func(t *testing.T, w *sim.World) {
				startStatic(t, w, size)
				w.Node("1").Kill()
				within(t, w, time.Duration(2*size+3)*sim.Period, "1 is failed", func() bool { return othersSay(w, swim.Failed, 1) })
				w.Run(2 * sim.Period)
				before := pingsTo(w, 1)
				w.Run(30 * sim.Period)
				if got := pingsTo(w, 1); got != before {
					t.Errorf("a failed member got %d pings", got-before)
				}
				for id := 2; id <= size; id++ {
					never(t, w, id, swim.Failed)
				}
			})
		})
	}
}

func pingsTo(w *sim.World, id int) (total int) {
	for _, n := range w.Nodes {
		total += n.Detector.Pings[sim.DetectorAddress("127.0.0.1", id)]
	}
	return total
}

func TestRestartedNodeIsAliveAgainEverywhere(t *testing.T) {
	for _, test := range []struct {
		name  string
		down  time.Duration
		clock time.Duration
		host  string
	}{
		{name: "after it was failed", down: 30 * time.Second},
		{name: "within 300 ms", down: 300 * time.Millisecond},
		{name: "with its clock set back by ten years", down: 30 * time.Second, clock: -10 * 365 * 24 * time.Hour},
		{name: "at once, with its clock set back", down: 300 * time.Millisecond, clock: -time.Hour},
		{name: "with its clock at the epoch", down: 30 * time.Second, clock: -60 * 365 * 24 * time.Hour},
		{name: "with its clock a hundred years ahead", down: 30 * time.Second, clock: 100 * 365 * 24 * time.Hour},
		{name: "at another address, after it was failed", down: 30 * time.Second, host: "127.0.0.9"},
		{name: "at another address, at once", down: 300 * time.Millisecond, host: "127.0.0.9"},
	} {
		t.Run(test.name, func(t *testing.T) {
			eachSeed(t, func(t *testing.T, w *sim.World) {
				startFive(t, w)
				w.Node("3").Kill()
				w.Run(test.down)
				again := w.Start(3, sim.Options{Contacts: []int{1, 2, 3, 4, 5}, Clock: test.clock, Host: test.host})
				within(t, w, 20*time.Second, "the new instance is alive everywhere", func() bool {
					want := again.Row("3")
					for _, n := range running(w) {
						if got := n.Row("3"); got.Instance != want.Instance || got.State != swim.Alive {
							return false
						}
					}
					return allSay(w, swim.Alive, 1, 2, 3, 4, 5)
				})
				w.Run(30 * time.Second)
				if !allSay(w, swim.Alive, 1, 2, 3, 4, 5) {
					t.Errorf("not all alive in the end:\n%s", tables(w))
				}
			})
		})
	}
}

func TestStoppedNodeIsLeftAndNeverFailed(t *testing.T) {
	eachSeed(t, func(t *testing.T, w *sim.World) {
		startFive(t, w)
		w.Node("2").Stop()
		within(t, w, time.Second, "2 has left", func() bool { return othersSay(w, swim.Left, 2) })
		w.Run(time.Minute)
		never(t, w, 2, swim.Suspect, swim.Failed)
		if w.Node("2").Running() {
			t.Error("a half of the stopped node still runs")
		}
		w.Start(2, sim.Options{Contacts: []int{1, 2, 3, 4, 5}})
		within(t, w, 10*time.Second, "2 is back", func() bool { return allSay(w, swim.Alive, 1, 2, 3, 4, 5) })
	})
}

func TestOneHalfReplacedInOrderIsNoGoodbye(t *testing.T) {
	eachSeed(t, func(t *testing.T, w *sim.World) {
		startFive(t, w)
		n := w.Node("4")
		n.Disseminator.Stop()
		w.Run(1500 * time.Millisecond)
		n.Disseminator.Start()
		w.Run(5 * time.Second)
		n.Detector.Kill()
		w.Run(200 * time.Millisecond)
		n.Detector.Start()
		w.Run(10 * time.Second)
		never(t, w, 4, swim.Left)
		if !allSay(w, swim.Alive, 1, 2, 3, 4, 5) {
			t.Errorf("not all alive in the end:\n%s", tables(w))
		}
	})
}

func TestOneHalfRestartedQuicklyAgainAndAgainIsNeverFailed(t *testing.T) {
	restart := map[string]func(*sim.Node, func()){
		"detector":     func(n *sim.Node, down func()) { n.Detector.Kill(); down(); n.Detector.Start() },
		"disseminator": func(n *sim.Node, down func()) { n.Disseminator.Kill(); down(); n.Disseminator.Start() },
	}
	for half, again := range restart {
		for _, down := range []time.Duration{50 * time.Millisecond, 200 * time.Millisecond, 500 * time.Millisecond} {
			t.Run(fmt.Sprintf("%s, down for %s", half, down), func(t *testing.T) {
				eachSeed(t, func(t *testing.T, w *sim.World) {
					startFive(t, w)
					w.Run(10 * time.Second)
					for range 10 {
						again(w.Node("3"), func() { w.Run(down) })
						w.Run(3700 * time.Millisecond)
					}
					never(t, w, 3, swim.Failed, swim.Left)
					within(t, w, 10*time.Second, "all lists agree", func() bool { return allSay(w, swim.Alive, 1, 2, 3, 4, 5) })
				})
			})
		}
	}
}

func TestSixthNodeJoinsThroughABootstrapNodeAndIsPinged(t *testing.T) {
	eachSeed(t, func(t *testing.T, w *sim.World) {
		startFive(t, w)
		w.Start(6, sim.Options{Bootstrap: []int{1}})
		within(t, w, 3*time.Second, "6 is known everywhere", func() bool { return allSay(w, swim.Alive, 1, 2, 3, 4, 5, 6) })
		w.Run(60 * sim.Period) // one period in five is that of the newcomer
		for _, n := range running(w) {
			if n.ID != "6" && n.Detector.Pings[sim.DetectorAddress("127.0.0.1", 6)] == 0 {
				t.Errorf("node %s never pinged the newcomer", n.ID)
			}
		}
	})
}

func TestJoinerKeepsTryingUntilItsBootstrapNodeIsThere(t *testing.T) {
	eachSeed(t, func(t *testing.T, w *sim.World) {
		w.Start(2, sim.Options{Bootstrap: []int{1, 3}})
		w.Run(2 * time.Minute)
		w.Start(1, sim.Options{})
		within(t, w, 20*time.Second, "both know each other", func() bool { return allSay(w, swim.Alive, 1, 2) })
	})
}

func TestJoinerWhoseDetectorIsMissingIsNoMember(t *testing.T) {
	eachSeed(t, func(t *testing.T, w *sim.World) {
		startFive(t, w)
		n := w.Prepare(6, sim.Options{Bootstrap: []int{1}})
		n.Disseminator.Start()
		w.Run(30 * time.Second)
		never(t, w, 0)
		for _, other := range running(w) {
			if other.ID != "6" && other.State("6") != 0 {
				t.Errorf("node %s lists a node whose detector nobody has met", other.ID)
			}
		}
		n.Detector.Start()
		within(t, w, 20*time.Second, "6 is known everywhere", func() bool { return allSay(w, swim.Alive, 1, 2, 3, 4, 5, 6) })
	})
}

func TestSecondProcessWithAnIDHaltsAndTheFirstIsUnharmed(t *testing.T) {
	for _, test := range []struct {
		name    string
		options sim.Options
	}{
		{"by bootstrap", sim.Options{Bootstrap: []int{1}, Host: "127.0.0.9"}},
		{"by static members", sim.Options{Contacts: []int{1, 2, 3, 4, 5}, Host: "127.0.0.9"}},
		{"with an older clock", sim.Options{Contacts: []int{1, 2, 3, 4, 5}, Host: "127.0.0.9", Clock: -time.Hour}},
	} {
		t.Run(test.name, func(t *testing.T) {
			eachSeed(t, func(t *testing.T, w *sim.World) {
				startFive(t, w)
				first := w.Node("3").Row("3")
				second := w.Start(3, test.options)
				within(t, w, 20*time.Second, "the second process halts", func() bool { return second.Disseminator.Halted != "" })
				if got := second.Disseminator.Halted; !strings.Contains(got, "127.0.0.1:50053") {
					t.Errorf("the reason does not name the holder: %q", got)
				}
				second.Detector.Kill()
				w.Run(30 * time.Second)
				never(t, w, 3, swim.Suspect, swim.Failed, swim.Left)
				if got := w.Node("1").Row("3"); got.Instance != first.Instance {
					t.Errorf("node 1 holds instance %s of node 3, the first process is %s", got.Instance, first.Instance)
				}
			})
		})
	}
}

func TestPausedNodeIsFailedAndComesBackByItself(t *testing.T) {
	eachSeed(t, func(t *testing.T, w *sim.World) {
		startFive(t, w)
		n := w.Node("3")
		n.Pause()
		within(t, w, 15*time.Second, "3 is failed", func() bool {
			return slices.ContainsFunc(running(w), func(o *sim.Node) bool { return o.ID != "3" && o.State("3") == swim.Failed })
		})
		w.Run(30 * time.Second)
		n.Resume()
		within(t, w, 30*time.Second, "3 is alive everywhere", func() bool { return allSay(w, swim.Alive, 1, 2, 3, 4, 5) })
		w.Run(30 * time.Second)
		for _, id := range []int{1, 2, 4, 5} {
			never(t, w, id, swim.Failed)
		}
	})
}

func TestNodeWithAFrozenDetectorIsFailedForThatReason(t *testing.T) {
	eachSeed(t, func(t *testing.T, w *sim.World) {
		startFive(t, w)
		n := w.Node("3")
		n.Detector.Pause()
		within(t, w, 15*time.Second, "3 is failed", func() bool { return othersSay(w, swim.Failed, 3) })
		if got := w.Node("1").Row("3").Reason; got != swim.DetectorDown {
			t.Errorf("reason is %s, want %s", got, swim.DetectorDown)
		}
		n.Detector.Resume()
		within(t, w, 30*time.Second, "3 is alive everywhere", func() bool { return allSay(w, swim.Alive, 1, 2, 3, 4, 5) })
	})
}

func TestHealedPartitionEndsInOneView(t *testing.T) {
	eachSeed(t, func(t *testing.T, w *sim.World) {
		startFive(t, w)
		left := func(id swim.NodeID) bool { return id == "1" || id == "2" }
		w.Network.Cut = func(from, to swim.NodeID) bool { return left(from) != left(to) }
		w.Run(time.Minute)
		if w.Node("1").State("5") != swim.Failed || w.Node("5").State("1") != swim.Failed {
			t.Fatalf("the halves did not lose each other:\n%s", tables(w))
		}
		w.Network.Cut = nil
		within(t, w, time.Minute, "one view", func() bool { return allSay(w, swim.Alive, 1, 2, 3, 4, 5) })
	})
}

func TestOneWayCutDoesNotFailAHealthyNode(t *testing.T) {
	eachSeed(t, func(t *testing.T, w *sim.World) {
		startFive(t, w)
		w.Network.Cut = func(from, to swim.NodeID) bool { return from == "1" && to == "2" }
		w.Run(time.Minute)
		for id := 1; id <= 5; id++ {
			never(t, w, id, swim.Failed)
		}
	})
}

func TestForgottenMemberIsGoneAndMayReturn(t *testing.T) {
	eachSeed(t, func(t *testing.T, w *sim.World) {
		startFive(t, w)
		w.Node("3").Kill()
		within(t, w, 15*time.Second, "3 is failed", func() bool { return othersSay(w, swim.Failed, 3) })
		s := w.Node("1").Disseminator
		answer := s.Ask(func(call membership.Call) membership.Input { return membership.ForgetRequested{Call: call, ID: "3"} })
		w.Run(30 * time.Second)
		if answer.Refusal.Kind != 0 {
			t.Fatalf("refused: %s", answer.Refusal.Text)
		}
		if !othersSay(w, 0, 3) {
			t.Errorf("3 is still listed:\n%s", tables(w))
		}
		w.Start(3, sim.Options{Contacts: []int{1, 2, 3, 4, 5}})
		within(t, w, 20*time.Second, "3 is back", func() bool { return allSay(w, swim.Alive, 1, 2, 3, 4, 5) })
	})
}

func TestSameSeedGivesTheSameTrace(t *testing.T) {
	run := func() string {
		var trace bytes.Buffer
		w := sim.New(42, &trace)
		startFive(t, w)
		w.Node("3").Kill()
		w.Run(20 * time.Second)
		return trace.String()
	}
	if first, second := run(), run(); first != second {
		t.Error("two runs of one seed differ")
	}
}
