package paper

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/swimpair/swim/detector/probe"
	"github.com/swimpair/swim/proto/swim"
	"github.com/swimpair/swim/tests/sim"
)

// How long does a node that has fallen silent wait for the first ping that it does not
// answer? It depends on the order in which the others choose their targets.

// situation is what the orders are compared in, and how often what is so.
type situation struct {
	name    string
	skew    time.Duration // clocks are up to so far apart
	dead    float64       // of the members, and all hold them alive
	starved float64       // of the members: their timers go off 0.5 to 2.5 s late
	differ  float64       // of the members each does not know; so many are dead, and each holds half of those alive
}

var situations = []situation{
	{name: "all agree, clocks within 250 ms", skew: 250 * time.Millisecond},
	{name: "clocks within 10 s", skew: 10 * time.Second},
	{name: "10 % dead, and not known yet", skew: 250 * time.Millisecond, dead: 0.1},
	{name: "10 % starved", skew: 250 * time.Millisecond, starved: 0.1},
	{name: "views differ by 10 %", skew: 250 * time.Millisecond, differ: 0.1},
}

// lone is a detector whose disseminator has no news: what it holds of the others stays.
type lone struct {
	core  *probe.Core
	ahead time.Duration // its clock
	late  sim.Distribution
	rng   *rand.Rand
}

// run lets time pass, and tells of every ping. Who is not dead answers at once.
func (l *lone) run(until time.Duration, dead map[swim.NodeID]bool, pinged func(id swim.NodeID, at time.Duration)) {
	for now := l.core.Deadline(); now < until; now = max(now, l.core.Deadline()) {
		if l.late != nil {
			now += l.late(l.rng)
		}
		var answers []probe.Input
		for _, e := range l.core.Step(l.clock(now), probe.Tick{}) {
			switch e := e.(type) {
			case probe.Ping:
				pinged(e.Target, now)
				if !dead[e.Target] {
					answers = append(answers, probe.PingEnded{Number: e.Number, Evidence: swim.Acked, Responder: swim.Member{ID: e.Target, Instance: e.Instance}})
				}
			case probe.SendLease:
				answers = append(answers, probe.HeartbeatReceived{})
			}
		}
		for _, in := range answers {
			l.core.Step(l.clock(now), in)
		}
	}
}

func (l *lone) clock(now time.Duration) swim.Now {
	return swim.Now{Mono: now, Wall: time.Unix(1_767_225_600, 0).Add(now + l.ahead)}
}

// pingsOf starts n lone detectors, and returns when each that lives was pinged.
func (what situation) pingsOf(n int, order probe.Order, seed uint64, until time.Duration) (pings [][]time.Duration) {
	rng := rand.New(rand.NewPCG(seed, 2))
	dead, starved := map[swim.NodeID]bool{}, map[swim.NodeID]bool{}
	share := func(of float64) int { return int(math.Ceil(of * float64(n))) } // at least one, if any
	ids := rng.Perm(n)
	for _, i := range ids[:share(what.dead+what.differ)] {
		dead[idOf(i)] = true
	}
	for _, i := range ids[:share(what.starved)] {
		starved[idOf(i)] = true
	}
	times := map[swim.NodeID][]time.Duration{}
	for i := range n {
		if dead[idOf(i)] {
			continue
		}
		l := &lone{ahead: time.Duration(rng.Int64N(int64(what.skew))), rng: rng}
		if starved[idOf(i)] {
			l.late = sim.Between(500*time.Millisecond, 2500*time.Millisecond)
		}
		l.core = probe.New(probe.Config{
			Self: idOf(i), ProbeInterval: sim.Period, ProbeTimeout: sim.Period / 2, IndirectProbes: 3, Order: order,
		}, rng, l.clock(0))
		l.core.Step(l.clock(0), probe.ViewReplaced{Members: what.view(rng, n, i, dead)})
		l.run(until, dead, func(id swim.NodeID, at time.Duration) { times[id] = append(times[id], at) })
	}
	for i := range n {
		if id := idOf(i); !dead[id] {
			slices.Sort(times[id])
			pings = append(pings, times[id])
		}
	}
	return pings
}

// view is what node i holds of n members.
func (what situation) view(rng *rand.Rand, n, i int, dead map[swim.NodeID]bool) (rows []swim.Member) {
	for k := range n {
		unknown := what.differ
		if dead[idOf(k)] && what.differ > 0 {
			unknown = 0.5
		}
		if k == i || rng.Float64() >= unknown {
			rows = append(rows, swim.Member{
				ID: idOf(k), State: swim.Alive, Instance: swim.Instance(k + 1),
				DetectorAddress: sim.DetectorAddress(sim.HostOf(k+1), k+1),
			})
		}
	}
	return rows
}

// waits are what a member has to wait from any moment on until it is pinged, in periods.
func (what situation) waits(n int, order probe.Order, seed uint64) (all []float64) {
	const start, periods, rest, moments = 10, 100, 40, 10
	rng := rand.New(rand.NewPCG(seed, 3))
	for _, pings := range what.pingsOf(n, order, seed, (start+periods+rest)*sim.Period) {
		if len(pings) == 0 {
			continue // of five, some are known to nobody
		}
		for range moments {
			silent := start*sim.Period + time.Duration(rng.Int64N(int64(periods*sim.Period)))
			next, _ := slices.BinarySearch(pings, silent)
			if next == len(pings) {
				panic(fmt.Sprintf("%s: nobody pings a member for %d periods", what.name, rest))
			}
			all = append(all, (pings[next]-silent).Seconds()/sim.Period.Seconds())
		}
	}
	return all
}

// killed is what each of a third of n nodes waits that fall silent at once, in periods. All
// nodes are whole, and tell each other of whom they find.
func killed(n int, order probe.Order, seed uint64) (all []float64) {
	const step = 10 * time.Millisecond
	o := startInOrder(n, seed, order)
	o.pass(10*sim.Period + time.Duration(o.rng.Int64N(int64(sim.Period))))
	from, open := o.now(), map[int]uint64{}
	for _, i := range o.rng.Perm(n)[:n/3] {
		o.silence(i)
		open[i] = 0
	}
	o.pass(step) // what was on its way has arrived
	for i := range open {
		open[i] = o.pings(i)
	}
	for len(open) > 0 {
		o.pass(step)
		for i, before := range open { // order does not matter: all are as late
			if o.pings(i) > before {
				all = append(all, (o.now()-from-step/2).Seconds()/sim.Period.Seconds())
				delete(open, i)
			}
		}
	}
	return all
}
