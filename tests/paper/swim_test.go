package paper

import (
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/swimpair/swim/tests/chart"
	"github.com/swimpair/swim/tests/sim"
)

// groupSizes are those of SWIM's figures 2 and 3.
var groupSizes = []int{8, 16, 24, 32, 40, 48, 56}

func TestLoadOfAGroupAtRest(t *testing.T) {
	type cell struct {
		maker
		n    int
		load float64
	}
	var cells []*cell
	for _, n := range pick([]int{8}, groupSizes) {
		for _, m := range makers {
			cells = append(cells, &cell{maker: m, n: n})
		}
	}
	inParallel(t, cells, func(t *testing.T, c *cell) {
		run(t, c.maker, c.n, 1, func(s system) { c.load = load(s, c.n) })
	})

	rows := [][]string{{"nodes", "system", "messages sent per member and period"}}
	lines := map[string]*chart.Series{}
	for _, c := range cells {
		rows = append(rows, []string{fmt.Sprint(c.n), c.name, fmt.Sprintf("%.2f", c.load)})
		plot(lines, c.name, float64(c.n), c.load)
	}
	publish(t, "load", rows)
	draw(t, "load", chart.Chart{
		Title: "Messages sent by a group at rest (SWIM, figure 2)",
		X:     chart.Axis{Label: "nodes"}, Y: chart.Axis{Label: "per member and period", From: 0, To: 3},
		Series: append(series(lines), level("SWIM (2002): 2.0", groupSizes, 2)),
	})
	for _, c := range cells {
		if c.name == swimpair.name && c.load > 2.3 {
			t.Errorf("%d nodes send %.2f messages each per period, want about a ping and an ack", c.n, c.load)
		}
	}
}

func TestDetectionOfASilentNode(t *testing.T) {
	type cell struct {
		maker
		n            int
		runs         uint64
		periods      []float64
		firsts, last []time.Duration
		spread       []time.Duration
	}
	var cells []*cell
	for _, n := range pick([]int{3, 5}, append([]int{3, 5}, groupSizes...)) {
		cells = append(cells, &cell{maker: swimpair, n: n, runs: scale(100)}, &cell{maker: memberlist, n: n, runs: scale(20)})
	}
	inParallel(t, cells, func(t *testing.T, c *cell) {
		for seed := range c.runs {
			run(t, c.maker, c.n, seed+1, func(s system) {
				d := detection(s, c.n)
				if !d.all {
					t.Errorf("%s, n=%d, seed %d: not everybody ever knows", c.name, c.n, seed+1)
				}
				c.periods = append(c.periods, d.periods())
				c.firsts, c.last, c.spread = append(c.firsts, d.first), append(c.last, d.last), append(c.spread, d.last-d.first)
			})
		}
	})

	rows := [][]string{{"nodes", "system", "runs", "periods until pinged, mean", "first says failed, median",
		"last, median", "last, worst", "from first to last, median", "worst"}}
	periods, lasts, spreads := map[string]*chart.Series{}, map[string]*chart.Series{}, map[string]*chart.Series{}
	for _, c := range cells {
		rows = append(rows, []string{
			fmt.Sprint(c.n), c.name, fmt.Sprint(len(c.last)), fmt.Sprintf("%.2f", mean(c.periods)), seconds(median(c.firsts)),
			seconds(median(c.last)), seconds(slices.Max(c.last)), milliseconds(median(c.spread)), milliseconds(slices.Max(c.spread)),
		})
		plot(periods, c.name, float64(c.n), mean(c.periods))
		plot(lasts, c.name+", median", float64(c.n), median(c.last).Seconds())
		plot(lasts, c.name+", worst", float64(c.n), slices.Max(c.last).Seconds())
		plot(spreads, c.name, float64(c.n), median(c.spread).Seconds()/sim.Period.Seconds())
	}
	publish(t, "detection", rows)
	draw(t, "first-ping", chart.Chart{
		Title: "Periods until a silent node is pinged (SWIM, figure 3a)",
		X:     chart.Axis{Label: "nodes"}, Y: chart.Axis{Label: "periods, mean", From: 0, To: 3},
		Series: append(series(periods), level("random targets: e/(e-1)", groupSizes, math.E/(math.E-1))),
	})
	draw(t, "detection", chart.Chart{
		Title: "From silence until the last node says failed",
		X:     chart.Axis{Label: "nodes"}, Y: chart.Axis{Label: "seconds", From: 0, To: 12}, Series: series(lasts),
	})
	draw(t, "dissemination", chart.Chart{
		Title: "From the first node that says failed to the last (SWIM, figure 3b)",
		X:     chart.Axis{Label: "nodes"}, Y: chart.Axis{Label: "periods, median", Log: true},
		Series: append(series(spreads), band("SWIM (2002): 1 to 3", groupSizes, 1, 3)),
	})
}

func TestJoinsWhileATenthIsLost(t *testing.T) {
	type cell struct {
		maker
		seed         uint64
		fewest, most []int
		failed       int
	}
	var cells []*cell
	for seed := range scale(20) {
		for _, m := range makers {
			cells = append(cells, &cell{maker: m, seed: seed + 1})
		}
	}
	inParallel(t, cells, func(t *testing.T, c *cell) {
		run(t, c.maker, 1, c.seed, func(s system) { c.fewest, c.most, c.failed = joins(s) })
	})

	rows := [][]string{{"system", "runs", "runs that end with 17 of 17", "fewest at the end", "runs with a failure", "failure events"}}
	lines, least := map[string]*chart.Series{}, map[string]int{}
	for _, m := range makers {
		complete, disturbed, failed := 0, 0, 0
		least[m.name] = joiners
		for _, c := range cells {
			if c.name != m.name {
				continue
			}
			end := c.fewest[len(c.fewest)-1]
			least[m.name] = min(least[m.name], end)
			if end == joiners {
				complete++
			}
			if failed += c.failed; c.failed > 0 {
				disturbed++
			}
			if c.seed == 1 {
				for second := range c.fewest {
					plot(lines, m.name+", fewest seen", float64(second), float64(c.fewest[second]))
					plot(lines, m.name+", most seen", float64(second), float64(c.most[second]))
				}
			}
		}
		rows = append(rows, []string{m.name, fmt.Sprint(len(cells) / len(makers)), fmt.Sprint(complete),
			fmt.Sprint(least[m.name]), fmt.Sprint(disturbed), fmt.Sprint(failed)})
	}
	rows = append(rows, []string{"SWIM (2002), with suspicion", "1", "0", "12", "", ""}, []string{"SWIM (2002), without", "1", "0", "4", "", ""})
	publish(t, "joins", rows)
	draw(t, "joins", chart.Chart{
		Title: "17 joins while a tenth of all messages is lost (SWIM, figure 4)",
		X:     chart.Axis{Label: "seconds"}, Y: chart.Axis{Label: "group size, seed 1", From: 0, To: 18},
		Series: append(steps(series(lines)), level("SWIM (2002), at the end: 12", []int{0, 175}, 12)),
	})
	for _, c := range cells {
		if end := c.fewest[len(c.fewest)-1]; c.name == swimpair.name && (end < joiners || c.failed > 0) {
			t.Errorf("seed %d: %d of %d in the end, %d times somebody was failed", c.seed, end, joiners, c.failed)
		}
	}
}

func milliseconds(d time.Duration) string {
	return fmt.Sprintf("%.1f ms", float64(d)/float64(time.Millisecond))
}
