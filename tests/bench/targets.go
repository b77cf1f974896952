package bench

import (
	"fmt"
	"slices"
	"time"
)

// Target is what ours should reach, and whether it did.
type Target struct{ Name, At, Measured, Verdict string }

// The verdicts.
const (
	met         = "met"
	missed      = "missed"
	notMeasured = "not measured"
)

// targetSize is the number of nodes for which times are promised. Where it was not measured,
// the largest that was is shown instead.
const targetSize = 50

// Targets beside what was measured.
func (r Report) Targets() []Target {
	all := slices.Concat(
		r.within("kill", "SIGKILL of a node, last says failed", 100*time.Millisecond, 250*time.Millisecond),
		r.sooner("kill", 80),
		r.within("half", "SIGKILL of a half, last says which", 100*time.Millisecond, 0),
		r.within("stop", "SIGSTOP of a node, last says failed", 2500*time.Millisecond, 4*time.Second),
		r.within(join, "all start at once, each knows all", 0, 3*time.Second),
	)
	return append(append(all, r.sound()...), r.cheap()...)
}

// size is the number of nodes to look at for a fault.
func (r Report) size(system, fault string) (n int, found bool) {
	for _, x := range r.Results {
		if x.System != system || x.Fault != fault {
			continue
		}
		if x.Nodes == targetSize {
			return targetSize, true
		}
		n, found = max(n, x.Nodes), true
	}
	return n, found
}

// within limits the median and the worst case of the last observer; zero is no limit.
func (r Report) within(fault, name string, median, worst time.Duration) (all []Target) {
	n, _ := r.size(Ours, fault)
	x, found := r.find(Ours, fault, n)
	add := func(kind string, limit, value time.Duration, never bool) {
		if limit == 0 {
			return
		}
		t := Target{Name: fmt.Sprintf("%s: %s at most %s s", name, kind, seconds(limit)), Verdict: notMeasured}
		if found {
			t.At, t.Measured = nodes(n), seconds(value)+" s"
			t.Verdict = judge(value <= limit && !never)
		}
		if never {
			t.Measured = fmt.Sprintf("never, %d of %d times", x.Repetitions-len(x.Spreads), x.Repetitions)
		}
		all = append(all, t)
	}
	times := pick(x.Spreads, last)
	add("median", median, percentile(times, 50), found && len(times) == 0)
	add("worst", worst, percentile(times, 100), len(times) < x.Repetitions)
	return all
}

// sooner compares the medians of the last observer with those of memberlist.
func (r Report) sooner(fault string, factor float64) []Target {
	t := Target{Name: fmt.Sprintf("SIGKILL of a node: %.0f times sooner than memberlist", factor), Verdict: notMeasured}
	n, _ := r.size(Ours, fault)
	own, _ := r.find(Ours, fault, n)
	theirs, _ := r.find(Memberlist, fault, n)
	if len(own.Spreads) > 0 && len(theirs.Spreads) > 0 {
		ratio := percentile(pick(theirs.Spreads, last), 50).Seconds() / percentile(pick(own.Spreads, last), 50).Seconds()
		t.At, t.Measured, t.Verdict = nodes(n), fmt.Sprintf("%.1f times", ratio), judge(ratio >= factor)
	}
	return []Target{t}
}

// sound: nobody who lives is failed.
func (r Report) sound() []Target {
	count := func(name string, results []Result, of func(Result) int) Target {
		t := Target{Name: name, Verdict: notMeasured}
		if len(results) == 0 {
			return t
		}
		total := 0
		for _, x := range results {
			total += of(x)
		}
		t.At, t.Measured, t.Verdict = "all sizes", fmt.Sprint(total), judge(total == 0)
		return t
	}
	own := r.of(func(x Result) bool { return x.System == Ours })
	paused := r.of(func(x Result) bool { return x.System == Ours && x.Fault == pause })
	return []Target{
		count("a pause of 0.9 s: nobody failed", paused, func(x Result) int { return x.Faulted + x.Wrong }),
		count("all faults: no healthy node failed", own, func(x Result) int { return x.Wrong }),
	}
}

// cheap: what a pair costs at rest, at all sizes, and how that grows.
func (r Report) cheap() []Target {
	var own []Rest
	for _, x := range r.Rests {
		if x.System == Ours && !x.Watched {
			own = append(own, x)
		}
	}
	cpu := func(x Rest) float64 { return x.CPU }
	memory := func(x Rest) float64 { return x.Memory }
	return []Target{
		most("a pair at rest: at most 2.5 CPU-ms/s", own, cpu, 2.5),
		most("a pair at rest: at most 34 MiB resident", own, memory, 34),
		growth("CPU of a pair, n = 100 beside n = 5: at most 1.25 times", own, cpu, 1.25),
		growth("memory of a pair, n = 100 beside n = 5: at most 1.25 times", own, memory, 1.25),
	}
}

// most judges the largest value of all sizes.
func most(name string, rests []Rest, of func(Rest) float64, limit float64) Target {
	t := Target{Name: name, Verdict: notMeasured}
	if len(rests) > 0 {
		x := slices.MaxFunc(rests, func(a, b Rest) int { return int(1000 * (of(a) - of(b))) })
		t.At, t.Measured, t.Verdict = nodes(x.Nodes), fmt.Sprintf("%.2f", of(x)), judge(of(x) <= limit)
	}
	return t
}

// growth judges a value at a hundred nodes beside that at five.
func growth(name string, rests []Rest, of func(Rest) float64, limit float64) Target {
	var small, large float64
	for _, x := range rests {
		switch x.Nodes {
		case 5:
			small = of(x)
		case 100:
			large = of(x)
		}
	}
	if small == 0 || large == 0 {
		return Target{Name: name, Verdict: notMeasured}
	}
	return Target{Name: name, At: "5, 100 nodes", Measured: fmt.Sprintf("%.2f times", large/small), Verdict: judge(large/small <= limit)}
}

func judge(ok bool) string {
	if ok {
		return met
	}
	return missed
}

func nodes(n int) string { return fmt.Sprintf("%d nodes", n) }
