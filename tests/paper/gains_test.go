package paper

import (
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/swimpair/swim/proto/swim"
	"github.com/swimpair/swim/tests/sim"
)

// What the rules gain: a fixed set of experiments, a few figures each. In all of them less is
// better.

// figure is one measured value.
type figure struct {
	Name  string
	Value float64
}

// trial repeats experiments with our cores as they are in this program, each time from another
// seed.
type trial struct {
	first uint64 // seed
	scale func(repetitions uint64) uint64
}

func (t trial) gains() (all []figure) {
	for _, play := range []func(trial) []figure{
		starvedFigures, joinFigures, lossFigures, sickFigures, slowFigures, cutOffFigures, crampedFigures, partitionFigures, lieFigures, detectionFigures,
	} {
		all = append(all, play(t)...)
	}
	return all
}

// each plays a part to one formed cluster after another, and returns how many they were.
func (t trial) each(repetitions uint64, n int, part func(o *ours)) float64 {
	runs := t.scale(repetitions)
	for i := range runs {
		s, err := startOurs(n, t.first+i)
		if err != nil {
			panic(err) // the simulator has nothing that can fail
		}
		part(s.(*ours))
	}
	return float64(runs)
}

// suspicions are how often a node has held another for suspect.
func (o *ours) suspicions() float64 { return float64(o.world.Seen["disseminator member_suspect"]) }

func starvedFigures(t trial) (all []figure) {
	for _, n := range []int{3, 5} {
		disturbed := 0
		runs := t.each(100, n, func(o *ours) {
			if oneStarved(o, n) != (verdicts{}) {
				disturbed++
			}
		})
		all = append(all, figure{fmt.Sprintf("starved, 1 of %d: %% of runs with a failure", n), 100 * float64(disturbed) / runs})
	}
	return all
}

func joinFigures(t trial) []figure {
	disturbed, suspicions := 0, 0.0
	runs := t.each(20, 1, func(o *ours) {
		if _, _, failed := joins(o); failed > 0 {
			disturbed++
		}
		suspicions += o.suspicions()
	})
	return []figure{{"joins: % of runs with a failure", 100 * float64(disturbed) / runs}, {"joins: suspicions", suspicions / runs}}
}

// lossFigures are of twenty that all lose messages, each of them requests and answers alike.
func lossFigures(t trial) (all []figure) {
	const n, start, lasts = 20, 10 * time.Second, time.Minute
	for _, loss := range []float64{0.1, 0.3} {
		var proxies, suspicions, failures float64
		runs := t.each(5, n, func(o *ours) {
			o.pass(start)
			o.world.Network.Loss = loss
			o.pass(lasts)
			proxies += float64(o.world.Seen["detector ping_missed"])
			suspicions, failures = suspicions+o.suspicions(), failures+float64(len(deaths(o)))
		})
		name := fmt.Sprintf("%.0f %% lost each way: ", 100*loss)
		all = append(all, figure{name + "% of rounds with proxies", 100 * proxies / runs / n / lasts.Seconds()},
			figure{name + "suspicions", suspicions / runs}, figure{name + "failures", failures / runs})
	}
	return all
}

// sickFigures are of six of sixty that lose messages in one direction or in both.
func sickFigures(t trial) (all []figure) {
	const n, howMany = 60, 6
	inBoth := func(name string, one, other illness) illness {
		return illness{name, one.lasts, func(s system, sick []int, second int) {
			one.second(s, sick, second)
			other.second(s, sick, second)
		}}
	}
	for _, what := range []struct {
		name string
		ills []illness
	}{{"flip-flop", illnesses[1:3]}, {"80 % loss", illnesses[3:5]}} {
		ways := append(slices.Clone(what.ills), inBoth(what.name, what.ills[0], what.ills[1]))
		var off, healthy, bySick, messages, runs float64
		for _, way := range ways {
			runs += t.each(2, n, func(o *ours) {
				r := ill(o, n, howMany, way)
				off, messages = off+math.Abs(r.flips-1), messages+r.messages
				healthy, bySick = healthy+float64(r.healthy), bySick+float64(r.bySick)
			})
		}
		all = append(all, figure{what.name + ": changes more or less than the one", off / runs},
			figure{what.name + ": healthy failed by healthy", healthy / runs}, figure{what.name + ": healthy failed by sick", bySick / runs},
			figure{what.name + ": messages per node and second", messages / runs})
	}
	return all
}

// slowFigures are of Lifeguard's anomalies: what some handle waits, again and again.
func slowFigures(t trial) []figure {
	var v verdicts
	runs := t.each(3, 32, func(o *ours) { v.add(interval(o, 4, 2*time.Second, 500*time.Millisecond, time.Minute)) })
	return []figure{{"stalling, 4 of 32: failures", float64(v.aboutHealthyByHealthy+v.aboutHealthyBySick+v.aboutSick) / runs}}
}

// cutOffFigures are of one of ten that nobody reaches for a while, or that stands still for a
// while: whom it fails, though they are well.
func cutOffFigures(t trial) (all []figure) {
	const n, at = 10, 5
	cut := func(share float64) func(o *ours) {
		return func(o *ours) {
			o.lose(at, ingress, share)
			o.lose(at, egress, share)
		}
	}
	for _, away := range []struct {
		name     string
		go_, end func(o *ours)
		lasts    time.Duration
	}{
		{"still for 5 s", func(o *ours) { o.stop(at) }, func(o *ours) { o.goOn(at) }, 5 * time.Second},
		{"still for 30 s", func(o *ours) { o.stop(at) }, func(o *ours) { o.goOn(at) }, 30 * time.Second},
		{"cut off for 20 s", cut(1), cut(0), 20 * time.Second},
	} {
		wrong := 0
		runs := t.each(20, n, func(o *ours) {
			o.pass(10 * time.Second)
			away.go_(o)
			o.pass(away.lasts)
			away.end(o)
			o.pass(20 * time.Second)
			v := count(deaths(o), func(i int) bool { return i == at })
			wrong += v.aboutHealthyByHealthy + v.aboutHealthyBySick
		})
		all = append(all, figure{away.name + ": failures of healthy nodes", float64(wrong) / runs})
	}
	return all
}

// crampedFigures are of ten nodes on a host that lets each stand still now and then: for times
// that are forgiven, for longer ones, and the detectors alone.
func crampedFigures(t trial) (all []figure) {
	both := func(n *sim.Node) (stop, goOn func()) { return n.Pause, n.Resume }
	detectors := func(n *sim.Node) (stop, goOn func()) { return n.Detector.Pause, n.Detector.Resume }
	for _, c := range []struct {
		name    string
		longest time.Duration
		half    func(n *sim.Node) (stop, goOn func())
	}{
		{"all stop up to 1.5 s", 1500 * time.Millisecond, both},
		{"all stop up to 5 s", 5 * time.Second, both},
		{"all detectors stop up to 0.9 s", 900 * time.Millisecond, detectors},
	} {
		var failed, suspicions float64
		runs := t.each(10, 10, func(o *ours) {
			o.pass(10 * time.Second)
			o.cramp(2*time.Minute, c.longest, c.half)
			failed, suspicions = failed+float64(len(deaths(o))), suspicions+o.suspicions()
		})
		all = append(all, figure{c.name + ": failures", failed / runs}, figure{c.name + ": suspicions", suspicions / runs})
	}
	return all
}

// cramp has every node stop now and then, for a random while.
func (o *ours) cramp(lasts, longest time.Duration, half func(n *sim.Node) (stop, goOn func())) {
	until := make([]time.Duration, len(o.world.Nodes)) // 0: it runs
	for end := o.now() + lasts; o.now() < end; o.pass(100 * time.Millisecond) {
		for i, n := range o.world.Nodes {
			stop, goOn := half(n)
			switch {
			case until[i] == 0 && o.rng.Float64() < 0.02:
				stop()
				until[i] = o.now() + time.Duration(o.rng.Int64N(int64(longest)))
			case until[i] != 0 && o.now() >= until[i]:
				goOn()
				until[i] = 0
			}
		}
	}
}

// partitionFigures are of ten nodes in two halves, for a short and a long while.
func partitionFigures(t trial) (all []figure) {
	const n = 10
	for _, lasts := range []time.Duration{6 * time.Second, time.Minute} {
		apart, after := 0, 0
		var healed []float64
		runs := t.each(20, n, func(o *ours) {
			o.pass(10 * time.Second)
			o.play("partition halves")
			o.pass(lasts)
			before, from := len(deaths(o)), o.now()
			o.play("mend")
			o.world.RunUntil(time.Minute, o.allAlive)
			healed = append(healed, (o.now() - from).Seconds())
			o.pass(20 * time.Second)
			apart, after = apart+before, after+len(deaths(o))-before
		})
		name := fmt.Sprintf("halves for %.0f s: ", lasts.Seconds())
		if lasts < 10*time.Second { // a longer one is one that all have to notice
			all = append(all, figure{name + "failures", float64(apart) / runs})
		}
		all = append(all, figure{name + "failures once it has healed", float64(after) / runs},
			figure{name + "seconds until all agree, mean", mean(healed)}, figure{name + "worst", slices.Max(healed)})
	}
	return all
}

func (o *ours) play(line string) {
	if err := o.world.Play(line); err != nil {
		panic(err) // the lines are written here
	}
}

func (o *ours) allAlive() bool {
	return !slices.ContainsFunc(o.world.Nodes, func(n *sim.Node) bool { return n.Count(swim.Alive) < len(o.world.Nodes) })
}

// lieFigures are of one of ten that accuses a healthy node again and again; that says it has
// failed, while it stands still for a moment; and that goes on accusing once it has failed itself.
func lieFigures(t trial) []figure {
	const n = 10
	var suspicions, failures, ofFailed float64
	accuse := func(o *ours) float64 {
		before := o.suspicions()
		for range 20 {
			o.play("lie 4 about 2 suspect")
			o.pass(2 * time.Second)
		}
		return o.suspicions() - before
	}
	runs := t.each(10, n, func(o *ours) {
		o.pass(10 * time.Second)
		suspicions += accuse(o)
	})
	t.each(10, n, func(o *ours) {
		o.pass(10 * time.Second)
		for liar := 3; liar <= n; liar++ {
			o.stop(1)
			o.play(fmt.Sprintf("lie %d about 2 failed", liar))
			o.pass(500 * time.Millisecond)
			o.goOn(1)
			o.pass(5 * time.Second)
		}
		failures += float64(len(deaths(o)))
	})
	t.each(10, n, func(o *ours) {
		o.pass(10 * time.Second)
		o.silence(3)
		o.pass(15 * time.Second)
		ofFailed += accuse(o)
	})
	return []figure{{"lies: suspicions", suspicions / runs}, {"lies: failures", failures / runs}, {"lies of a failed node: suspicions", ofFailed / runs}}
}

func detectionFigures(t trial) []figure {
	var lasts []time.Duration
	t.each(60, 20, func(o *ours) { lasts = append(lasts, detection(o, 20).last) })
	return []figure{
		{"1 of 20 dies: seconds until all know, median", median(lasts).Seconds()}, {"1 of 20 dies: worst", slices.Max(lasts).Seconds()},
		{"7 of 20 die: mean", t.manyDie(20, 7)}, {"5 of 8 die: mean", t.manyDie(8, 5)}, {"3 of 4 die: mean", t.manyDie(4, 3)},
	}
}

// manyDie is how long it takes, on average, until all others know that so many have failed.
func (t trial) manyDie(n, dead int) float64 {
	var seconds []float64
	t.each(20, n, func(o *ours) {
		o.pass(10 * time.Second)
		from := o.now()
		for i := range dead {
			o.silence(i)
		}
		o.world.RunUntil(2*time.Minute, func() bool {
			return !slices.ContainsFunc(o.world.Nodes[dead:], func(n *sim.Node) bool { return n.Count(swim.Failed) < dead })
		})
		seconds = append(seconds, (o.now() - from).Seconds())
	})
	return mean(seconds)
}
