package paper

import (
	"fmt"
	"testing"
	"time"

	"github.com/swimpair/swim/tests/chart"
)

// sickCounts are the paper's C, in part.
func sickCounts() []int { return pick([]int{3}, []int{1, 8, 32}) }

// lifeguardNodes is the size of the paper's group.
func lifeguardNodes() int {
	if *full {
		return 128
	}
	return 16
}

func TestLifeguardsIntervals(t *testing.T) {
	type cell struct {
		maker
		c    int
		d, i time.Duration
		v    verdicts
	}
	n, length := lifeguardNodes(), 30*time.Second
	if *full {
		length = 2 * time.Minute
	}
	var cells []*cell
	for _, c := range sickCounts() {
		for _, d := range pick([]time.Duration{8192}, []time.Duration{4096, 16384}) {
			for _, i := range pick([]time.Duration{1024}, []time.Duration{64, 4096}) {
				for _, m := range makers {
					cells = append(cells, &cell{maker: m, c: c, d: d * time.Millisecond, i: i * time.Millisecond})
				}
			}
		}
	}
	inParallel(t, cells, func(t *testing.T, c *cell) {
		run(t, c.maker, n, 1, func(s system) { c.v = interval(s, c.c, c.d, c.i, length) })
	})

	rows := [][]string{{"sick nodes C", "sick for D", "well for I", "system",
		"healthy failed by healthy (FP-)", "healthy failed, in all (FP)", "sick failed"}}
	sums, lines := map[string]*verdicts{}, map[string]*chart.Series{}
	perC := map[string]map[int]int{}
	for _, c := range cells {
		rows = append(rows, append([]string{fmt.Sprint(c.c), c.d.String(), c.i.String(), c.name}, words(c.v)...))
		if sums[c.name] == nil {
			sums[c.name], perC[c.name] = &verdicts{}, map[int]int{}
		}
		sums[c.name].add(c.v)
		perC[c.name][c.c] += c.v.aboutHealthyByHealthy + c.v.aboutHealthyBySick
	}
	for _, m := range makers {
		rows = append(rows, append([]string{"sum", "", "", m.name}, words(*sums[m.name])...))
		for _, c := range sickCounts() {
			plot(lines, m.name, float64(c), float64(perC[m.name][c]))
		}
	}
	publish(t, "intervals", rows)
	draw(t, "intervals", chart.Chart{
		Title: "Healthy nodes failed, events at all nodes (Lifeguard, interval experiment)",
		X:     chart.Axis{Label: "sick nodes of 128"}, Y: chart.Axis{Label: "events, all D and I"}, Series: series(lines),
	})
	if v := sums[swimpair.name]; v.aboutHealthyByHealthy > sums[memberlist.name].aboutHealthyByHealthy/2 {
		t.Errorf("%d times a healthy node says that a healthy one has failed, more than half of memberlist's %d",
			v.aboutHealthyByHealthy, sums[memberlist.name].aboutHealthyByHealthy)
	}
}

func words(v verdicts) []string {
	return []string{fmt.Sprint(v.aboutHealthyByHealthy), fmt.Sprint(v.aboutHealthyByHealthy + v.aboutHealthyBySick), fmt.Sprint(v.aboutSick)}
}

func TestLifeguardsThreshold(t *testing.T) {
	type cell struct {
		maker
		d           time.Duration
		sick        int
		first, full []time.Duration
		v           verdicts
	}
	n := lifeguardNodes()
	var cells []*cell
	for _, d := range pick([]time.Duration{16384}, []time.Duration{8192, 32768}) {
		for _, m := range makers {
			cells = append(cells, &cell{maker: m, d: d * time.Millisecond})
		}
	}
	inParallel(t, cells, func(t *testing.T, c *cell) {
		for _, sick := range sickCounts() {
			for seed := range scale(3) {
				run(t, c.maker, n, seed+1, func(s system) {
					first, full, v := threshold(s, n, sick, c.d)
					c.first, c.full = append(c.first, first...), append(c.full, full...)
					c.sick += sick
					c.v.add(v)
				})
			}
		}
	})

	rows := [][]string{{"sick for D", "system", "sick nodes", "failed by anybody", "first says so: 50 %", "99 %", "99.9 %",
		"all say so: 50 %", "99 %", "99.9 %", "healthy failed by healthy (FP-)", "healthy failed, in all (FP)"}}
	latencies := map[string]*chart.Series{}
	for _, c := range cells {
		row := []string{c.d.String(), c.name, fmt.Sprint(c.sick), fmt.Sprint(len(c.first))}
		for _, all := range [][]time.Duration{c.first, c.full} {
			for _, percent := range []float64{50, 99, 99.9} {
				row = append(row, latency(all, percent))
			}
		}
		rows = append(rows, append(row, words(c.v)[:2]...))
		if c == cells[len(cells)-1] || c == cells[len(cells)-2] { // the longest: everybody is detected
			for percent := 1.0; percent <= 100; percent++ {
				plot(latencies, c.name, percentile(c.full, percent-0.5).Seconds(), percent)
			}
		}
	}
	publish(t, "threshold", rows)
	draw(t, "threshold", chart.Chart{
		Title: "Until all healthy nodes say failed of a sick one (Lifeguard, threshold experiment)",
		X:     chart.Axis{Label: "seconds since it fell sick, D = 32.768 s", From: 0, To: 16},
		Y:     chart.Axis{Label: "% of the sick nodes", From: 0, To: 100}, Series: steps(series(latencies)),
	})
	for _, c := range cells {
		if c.name == swimpair.name && c.v.aboutHealthyByHealthy > 0 {
			t.Errorf("D=%s: %d times a healthy node says that a healthy one has failed", c.d, c.v.aboutHealthyByHealthy)
		}
	}
}

// latency of the few that were failed at all says nothing: those that would have been late have
// recovered before.
func latency(all []time.Duration, percent float64) string {
	if len(all) == 0 {
		return "-"
	}
	return seconds(percentile(all, percent))
}
