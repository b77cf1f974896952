// Command sim runs drawn schedules of faults in the simulator, audited, and says how each
// violation is repeated. Exit status 1: a promise was broken.
//
//	sim -seeds 1..200 -n 5      two hundred seeds, five nodes
//	sim -seeds fresh:50         fifty that nobody has run before
//	sim -mode liveness          one kind of schedule (see package sim); default both
//	sim -heads 2                with news through heads, as in a large cluster
//	sim -seeds 7 -trace         one, with its script and all that happens
//	sim -script FILE            a script of your own (see package sim)
//	sim -formed 1000 -for 10m   one large cluster at rest, -deaths 5 in it: what it costs
package main

import (
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/swimpair/swim/tests/sim"
	"github.com/swimpair/swim/tests/sim/audit"
)

func main() {
	seeds := flag.String("seeds", "1..100", "a seed, a range FROM..TO, or fresh:COUNT")
	n := flag.Int("n", 5, "nodes")
	mode := flag.String("mode", "", "safety or liveness; default both")
	heads := flag.Int("heads", 0, "other live members from which on news goes through heads; 0 for the default")
	trace := flag.Bool("trace", false, "print the script and all that happens")
	until := flag.String("until", "", "judge by this rule of the auditor alone, until a seed breaks it")
	script := flag.String("script", "", "run the script in this file instead, under the first seed")
	formed := flag.Int("formed", 0, "run one large cluster of so many nodes instead, and print what it costs")
	simulated := flag.Duration("for", 10*time.Minute, "how long the large cluster runs, in virtual time")
	deaths := flag.Int("deaths", 5, "hosts of the large cluster that die meanwhile")
	flag.Parse()
	list, err := parseSeeds(*seeds)
	modes, known := map[string][]sim.Mode{
		"": {sim.Safety, sim.Liveness}, "safety": {sim.Safety}, "liveness": {sim.Liveness},
	}[*mode]
	if err == nil && !known {
		err = fmt.Errorf("-mode %s: safety or liveness", *mode)
	}
	if err == nil && (*n < 2 || *n > 5000) {
		err = fmt.Errorf("-n %d: a cluster of 2 to 5000 nodes is needed", *n)
	}
	if err == nil && *formed != 0 && (*formed < 2 || *formed > 10_000 || *deaths < 0 || *deaths > *formed-2 || *simulated <= 0) {
		err = fmt.Errorf("-formed %d -deaths %d -for %s: 2 to 10000 nodes are needed, two that survive, and some time", *formed, *deaths, *simulated)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(7 << 30) // ten thousand nodes then fit in 8 GiB
	}
	if os.Getenv("GOGC") == "" && *formed <= 1000 {
		debug.SetGCPercent(400) // a run keeps little of what it makes: collected seldom, it takes up to a third less time
	}
	var out io.Writer
	if *trace {
		out = os.Stdout
	}
	ok := true
	switch {
	case *formed != 0:
		ok = runScale(list[0], *formed, *deaths, *simulated)
	case *script != "":
		ok = runScript(*script, list[0], out)
	default:
		for _, m := range modes {
			ok = runSeeds(list, *n, *heads, m, *until, out) && ok
			if *until != "" && !ok {
				break
			}
		}
	}
	if !ok {
		os.Exit(1)
	}
}

// parseSeeds understands "7", "1..200" and "fresh:50".
func parseSeeds(text string) (seeds []uint64, err error) {
	const most = 1_000_000
	bad := fmt.Errorf("-seeds %q: write a number, a range such as 1..200, or fresh:50 (at most %d)", text, most)
	if count, fresh := strings.CutPrefix(text, "fresh:"); fresh {
		n, err := strconv.Atoi(count)
		if err != nil || n < 1 || n > most {
			return nil, bad
		}
		for range n {
			seeds = append(seeds, uint64(rand.Uint32()))
		}
		return seeds, nil
	}
	first, last, isRange := strings.Cut(text, "..")
	if !isRange {
		last = first
	}
	from, err1 := strconv.ParseUint(first, 10, 63)
	to, err2 := strconv.ParseUint(last, 10, 63)
	if err1 != nil || err2 != nil || to < from || to-from >= most {
		return nil, bad
	}
	for seed := from; seed <= to; seed++ {
		seeds = append(seeds, seed)
	}
	return seeds, nil
}

func runSeeds(seeds []uint64, n, heads int, mode sim.Mode, until string, trace io.Writer) (ok bool) {
	var events uint64
	var simulated time.Duration
	violations, broken := 0, 0
	start := time.Now()
	for _, seed := range seeds {
		if trace != nil {
			fmt.Fprintln(trace, sim.Draw(seed, n, mode))
		}
		r := sim.RunWithHeads(seed, n, heads, mode, trace)
		events, simulated = events+r.Events, simulated+r.Simulated
		if until != "" {
			r.Violations = slices.DeleteFunc(r.Violations, func(v audit.Violation) bool { return v.Rule != until })
		}
		if len(r.Violations) > 0 {
			broken++
			violations += len(r.Violations)
			report(fmt.Sprintf("seed %d", seed), r.Violations)
			fmt.Printf("  replay: %s\n", r.Replay)
			if until != "" {
				return false
			}
		}
	}
	took := time.Since(start).Seconds()
	fmt.Printf("%s, %d seeds from %d to %d, n = %d: %d events in %.1f s (%.0f events/s), %.1f node-hours, %d violations in %d seeds\n",
		mode, len(seeds), seeds[0], seeds[len(seeds)-1], n, events, took, float64(events)/took, simulated.Hours()*float64(n), violations, broken)
	return violations == 0
}

// report prints the first few: one fault often breaks many promises.
func report(what string, violations []audit.Violation) {
	const shown = 5
	fmt.Printf("%s: %d violations\n", what, len(violations))
	for _, v := range violations[:min(shown, len(violations))] {
		fmt.Printf("  at %s %s: %s\n", v.At, v.Rule, v.Text)
	}
}

func runScript(file string, seed uint64, trace io.Writer) bool {
	script, err := os.ReadFile(file)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	w := sim.New(seed, trace)
	w.Auditor = audit.New(sim.Defaults)
	if err := w.Play(string(script)); err != nil {
		fmt.Printf("%s: %v\n", file, err)
		return false
	}
	if violations := w.Auditor.Violations(); len(violations) > 0 {
		report(file, violations)
		return false
	}
	fmt.Printf("%s holds under seed %d: %d events, %s simulated\n", file, seed, w.Events, w.Now())
	return true
}
