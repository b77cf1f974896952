package bcast

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/swimpair/swim/disseminator/membership"
	"github.com/swimpair/swim/proto/swim"
	"github.com/swimpair/swim/tests/sim"
)

// The simulator has the nodes' real cores. What is modelled: a message takes 0.2 to 1 ms, and a
// process sends its requests one after another, sendCost for each. Answers cost nothing.
const (
	sendCost = 70 * time.Microsecond
	dialCost = 360 * time.Microsecond
	// soon is for how long the messages of an update are counted. Later tables are compared,
	// and whoever has died meanwhile is suspect.
	soon = 500 * time.Millisecond
	// Deliveries are counted for longer.
	updateTime, failureTime = 5 * time.Second, 15 * time.Second
)

var sizes = flag.String("bcast.sizes", "100 300 1000 3000", "simulate clusters of so many nodes; 10000 need 8 GiB, and long")

// way is how news is told.
type way struct {
	name      string
	headsFrom int
	cost      time.Duration
}

var ways = []way{
	{"directly", 1 << 20, sendCost},
	{"directly, each dialled", 1 << 20, dialCost},
	{"through heads", 1, sendCost},
}

// outcome of one piece of news.
type outcome struct {
	messages int             // Disseminate requests
	knew     []time.Duration // when each of those who live knew it, in order; not who made it
	missed   int             // how many do not know it at the end
	wrong    int             // how many of those who live were failed
}

func (o *outcome) last() time.Duration { return o.knew[len(o.knew)-1] }

// atOnce is the share that knows it soon.
func (o *outcome) atOnce() float64 {
	late := slices.IndexFunc(o.knew, func(d time.Duration) bool { return d > soon })
	if late < 0 {
		late = len(o.knew)
	}
	return float64(late) / float64(len(o.knew)+o.missed)
}

// scenario makes news in a cluster at rest.
type scenario struct {
	name string
	most float64                                                   // the target, in (n - 1) messages; 0: none
	know func(rng *rand.Rand, about, node, other swim.NodeID) bool // nil: everybody knows everybody
	run  func(w *sim.World, about *sim.Node) outcome

	headsOnly bool // told directly it is another scenario
}

var scenarios = []scenario{
	{name: "an update", most: 1.1, run: update},
	{name: "an update; every second head falls silent when it is asked", most: 1.1, run: updateWithoutHeads, headsOnly: true},
	{name: "an update by a node whose table lacks a tenth of the others", know: originStale, run: update},
	{name: "an update where every table lacks a tenth of the others", know: allStale, run: update},
	{name: "a host is cut off from power", most: 2.2, run: failure},
}

// TestBroadcastSimulated prints messages and time, told directly and through heads.
func TestBroadcastSimulated(t *testing.T) {
	measured(t)
	rows := [][]string{{"news", "n", "told", "runs", "messages, of n - 1", "last knows after, median", "worst", "know after 0.5 s", "never"}}
	for _, s := range scenarios {
		for _, size := range strings.Fields(*sizes) {
			n, err := strconv.Atoi(size)
			if err != nil {
				t.Fatal(err)
			}
			for _, how := range ways {
				// Of a very large cluster the main figures only: the rest takes hours.
				if s.headsOnly && how.headsFrom > 1 || n > 1000 && (s.know != nil || how.cost == dialCost) {
					continue
				}
				var outcomes []outcome
				for seed := range max(1, min(20, 3000/n)) {
					outcomes = append(outcomes, simulate(t, s, how, n, uint64(seed)))
				}
				row := summary(s, how, n, outcomes)
				t.Log(row)
				rows = append(rows, row)
			}
		}
	}
	publish(t, "simulated", rows)
}

// A broadcast through heads costs what a direct one does, and is there whatever happens to
// the heads.
func TestABroadcastThroughHeadsHoldsItsTargets(t *testing.T) {
	const n = 100
	heads := way{"through heads", 1, sendCost}
	for _, s := range scenarios {
		o := simulate(t, s, heads, n, 1)
		if got := float64(o.messages) / (n - 1); s.most > 0 && got > s.most {
			t.Errorf("%s: %.2f (n - 1) messages, want at most %.1f", s.name, got, s.most)
		}
		if o.missed > 0 || o.wrong > 0 {
			t.Errorf("%s: %d nodes have missed it, %d times a healthy one was failed", s.name, o.missed, o.wrong)
		}
	}
}

// While a cluster is upgraded some heads take the news for themselves only.
func TestABroadcastReachesNodesOfBothVersions(t *testing.T) {
	const n = 100
	w := sim.New(1, nil)
	w.HeadsFrom, w.Network.SendCost = 1, sendCost
	w.Old = func(id swim.NodeID) bool { return swim.Position(id)%2 == 0 }
	w.Form(n)
	w.Run(3 * time.Second)
	for _, origin := range w.Nodes[:10] { // of either version
		for _, node := range w.Nodes {
			node.Disseminator.History = nil
		}
		o := update(w, origin)
		if got := float64(o.messages) / (n - 1); got > 1.1 || o.missed > 0 || o.last() > soon {
			t.Errorf("an update by node %s: %.2f (n - 1) messages, the last knows after %s, %d never", origin.ID, got, o.last(), o.missed)
		}
	}
}

func simulate(t *testing.T, s scenario, how way, n int, seed uint64) outcome {
	t.Helper()
	w, rng := sim.New(seed, nil), rand.New(rand.NewPCG(seed, 1))
	w.HeadsFrom, w.Network.SendCost = how.headsFrom, how.cost
	about := swim.NodeID(strconv.Itoa(1 + rng.IntN(n)))
	if s.know == nil {
		w.Form(n)
		w.Run(3 * time.Second)
	} else { // before the nodes compare their tables
		w.FormKnowing(n, func(node, other swim.NodeID) bool { return s.know(rng, about, node, other) })
		w.Run(100 * time.Millisecond)
	}
	for _, node := range w.Nodes {
		node.Disseminator.History = nil
	}
	return s.run(w, w.Node(about))
}

func summary(s scenario, how way, n int, outcomes []outcome) []string {
	var messages, atOnce float64
	missed, last := 0, []time.Duration{}
	for _, o := range outcomes {
		messages += float64(o.messages) / float64(n-1) / float64(len(outcomes))
		atOnce += o.atOnce() / float64(len(outcomes))
		missed, last = missed+o.missed, append(last, o.last())
	}
	slices.Sort(last)
	return []string{
		s.name, strconv.Itoa(n), how.name, strconv.Itoa(len(outcomes)), fmt.Sprintf("%.2f", messages),
		millis(last[len(last)/2]), millis(last[len(last)-1]), fmt.Sprintf("%.1f %%", 100*atOnce), strconv.Itoa(missed),
	}
}

// update gives a node new tags.
func update(w *sim.World, origin *sim.Node) outcome { return updateAnd(w, origin, func() {}) }

// updateAnd does something more when the messages have been counted.
func updateAnd(w *sim.World, origin *sim.Node, then func()) (o outcome) {
	start, sent := w.Now(), w.Sent["disseminate"]
	origin.Disseminator.Ask(func(call membership.Call) membership.Input {
		return membership.TagsRequested{Call: call, Tags: map[string]string{"k": "v"}}
	})
	w.Run(soon)
	o.messages = int(w.Sent["disseminate"] - sent)
	then()
	w.Run(updateTime - soon)
	o.deliveries(w, origin, start, func(m swim.Member) bool { return m.ID == origin.ID && m.Tags["k"] == "v" })
	return o
}

// updateWithoutHeads is an update whose every second head falls silent when it is asked,
// before it has sent anything.
func updateWithoutHeads(w *sim.World, origin *sim.Node) outcome {
	var asked, silent []*sim.Node
	w.Serving = func(head *sim.Node) {
		if asked = append(asked, head); len(asked)%2 == 1 && len(asked) <= heads(len(w.Nodes)) {
			head.Hold()
			silent = append(silent, head)
		}
	}
	return updateAnd(w, origin, func() {
		for _, head := range silent {
			head.PowerOff()
		}
	})
}

// failure cuts a node off from power. Its messages are all from there to the end, questions,
// confirmations and repetitions included; deliveries count from the first who says failed.
func failure(w *sim.World, victim *sim.Node) (o outcome) {
	sent := w.Sent["disseminate"]
	victim.PowerOff()
	w.Run(failureTime)
	o.messages = int(w.Sent["disseminate"] - sent)
	o.deliveries(w, victim, 0, func(m swim.Member) bool { return m.ID == victim.ID && m.State == swim.Failed })
	first := o.knew[0]
	for i := range o.knew {
		o.knew[i] -= first
	}
	return o
}

// deliveries takes from the nodes' histories when each has learned the news.
func (o *outcome) deliveries(w *sim.World, about *sim.Node, start time.Duration, is func(swim.Member) bool) {
	for _, n := range w.Nodes {
		if n == about || !n.Running() {
			continue
		}
		i := slices.IndexFunc(n.Disseminator.History, func(seen sim.Seen) bool { return is(seen.Member) })
		if i < 0 {
			o.missed++
		} else {
			o.knew = append(o.knew, n.Disseminator.History[i].At-start)
		}
		for _, seen := range n.Disseminator.History {
			if seen.Member.State == swim.Failed && w.Node(seen.Member.ID).Running() {
				o.wrong++
			}
		}
	}
	slices.Sort(o.knew)
}

// originStale leaves a tenth of the others out of the table of the node that makes the news.
func originStale(rng *rand.Rand, about, node, other swim.NodeID) bool {
	return node != about || allStale(rng, about, node, other)
}

// allStale leaves a tenth of the others out of each table.
func allStale(rng *rand.Rand, _, node, other swim.NodeID) bool {
	return node == other || rng.Float64() >= 0.1
}
