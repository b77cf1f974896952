package paper

import (
	"fmt"
	"testing"
	"time"

	"github.com/swimpair/swim/tests/chart"
)

func TestPauseSweep(t *testing.T) {
	const n = 5
	type cell struct {
		maker
		pause         time.Duration
		failed, wrong int
	}
	all := []time.Duration{500, 1000, 1500, 2000, 2500, 3000, 4000, 6000, 8000, 10000}
	var cells []*cell
	for _, pause := range pick([]time.Duration{1000, 3000}, all) {
		for _, m := range makers {
			cells = append(cells, &cell{maker: m, pause: pause * time.Millisecond})
		}
	}
	runs := scale(40)
	inParallel(t, cells, func(t *testing.T, c *cell) {
		for seed := range runs {
			run(t, c.maker, n, seed+1, func(s system) {
				failed, wrong := pauseFails(s, n, c.pause)
				if c.wrong += wrong; failed {
					c.failed++
				}
			})
		}
	})

	rows := [][]string{{"pause", "system", "runs", "in which it is failed"}}
	lines := map[string]*chart.Series{}
	for _, c := range cells {
		rows = append(rows, []string{c.pause.String(), c.name, fmt.Sprint(runs), fmt.Sprint(c.failed)})
		plot(lines, c.name, c.pause.Seconds(), 100*float64(c.failed)/float64(runs))
	}
	publish(t, "pauses", rows)
	draw(t, "pauses", chart.Chart{
		Title: "A node of five stands still and goes on: is it failed?",
		X:     chart.Axis{Label: "seconds"}, Y: chart.Axis{Label: "% of runs", From: 0, To: 100}, Series: series(lines),
	})
	for _, c := range cells {
		if c.name == swimpair.name && (c.wrong > 0 || (c.failed > 0 && c.pause <= time.Second)) {
			t.Errorf("pause of %s: failed in %d runs, %d wrong words about others", c.pause, c.failed, c.wrong)
		}
	}
}

func TestSmallClustersWithOneStarvedNode(t *testing.T) {
	type cell struct {
		maker
		n    int
		runs uint64
		sum  verdicts
		dead int // runs in which anybody was failed
	}
	var cells []*cell
	for _, n := range []int{2, 3, 5} {
		cells = append(cells, &cell{maker: swimpair, n: n, runs: scale(1000)}, &cell{maker: memberlist, n: n, runs: scale(200)})
	}
	inParallel(t, cells, func(t *testing.T, c *cell) {
		for seed := range c.runs {
			run(t, c.maker, c.n, seed+1, func(s system) {
				v := oneStarved(s, c.n)
				if c.sum.add(v); v != (verdicts{}) {
					c.dead++
				}
			})
		}
	})

	rows := [][]string{{"nodes", "system", "runs", "in which anybody is failed", "healthy failed by healthy",
		"healthy failed by the starved one", "starved one failed"}}
	for _, c := range cells {
		rows = append(rows, []string{
			fmt.Sprint(c.n), c.name, fmt.Sprint(c.runs), fmt.Sprint(c.dead), fmt.Sprint(c.sum.aboutHealthyByHealthy),
			fmt.Sprint(c.sum.aboutHealthyBySick), fmt.Sprint(c.sum.aboutSick),
		})
	}
	publish(t, "starved", rows)
	for _, c := range cells {
		if c.name == swimpair.name && c.dead > 0 {
			t.Errorf("n=%d: somebody who lives is failed in %d runs", c.n, c.dead)
		}
	}
}
