package paper

import (
	"flag"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

var full = flag.Bool("paper", false, "run the experiments in full, and print their tables")

// scale is how often an experiment is repeated: once only, unless in full.
func scale(repetitions uint64) uint64 {
	if *full {
		return repetitions
	}
	return 1
}

// pick is what an experiment goes through: a small part of all, unless in full.
func pick[T any](part, all []T) []T {
	if *full {
		return all
	}
	return part
}

// run plays a part of an experiment to a fresh cluster in its own bubble of virtual time.
func run(t *testing.T, m maker, n int, seed uint64, part func(s system)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		s, err := m.start(n, seed)
		if err != nil {
			t.Fatal(err)
		}
		defer s.close()
		part(s)
	})
}

// inParallel plays all cells of an experiment, on every core, and returns when all are done.
func inParallel[C any](t *testing.T, cells []C, play func(t *testing.T, c C)) {
	t.Helper()
	t.Run("cells", func(t *testing.T) {
		for i, c := range cells {
			t.Run(fmt.Sprint(i), func(t *testing.T) {
				t.Parallel()
				play(t, c)
			})
		}
	})
	if t.Failed() {
		t.FailNow() // what is missing makes no table
	}
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.2f s", d.Seconds()) }

// percentile of any number of values, the largest if there are too few; zero of none.
func percentile(all []time.Duration, percent float64) time.Duration {
	if len(all) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(all))
	return sorted[min(int(percent/100*float64(len(all))), len(all)-1)]
}

func median(all []time.Duration) time.Duration { return percentile(all, 50) }

func mean(all []float64) (m float64) {
	for _, v := range all {
		m += v / float64(len(all))
	}
	return m
}
