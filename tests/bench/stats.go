package bench

import (
	"cmp"
	"math"
	"slices"
	"time"
)

// percentile by the nearest rank: the smallest value that at least so many percent are not
// above. Zero of none.
func percentile[T cmp.Ordered](values []T, percent float64) T {
	var zero T
	if len(values) == 0 {
		return zero
	}
	sorted := slices.Sorted(slices.Values(values))
	rank := int(math.Ceil(percent / 100 * float64(len(sorted))))
	return sorted[min(max(rank, 1), len(sorted))-1]
}

// Spread of one repetition: when the first observer said so, the median one, and the last.
type Spread struct{ First, Median, Last time.Duration }

// spread of the times of all observers.
func spread(observers []time.Duration) Spread {
	return Spread{
		First:  percentile(observers, 0),
		Median: percentile(observers, 50),
		Last:   percentile(observers, 100),
	}
}

// pick one of the three from each repetition.
func pick(spreads []Spread, which func(Spread) time.Duration) (all []time.Duration) {
	for _, s := range spreads {
		all = append(all, which(s))
	}
	return all
}

func first(s Spread) time.Duration  { return s.First }
func middle(s Spread) time.Duration { return s.Median }
func last(s Spread) time.Duration   { return s.Last }
