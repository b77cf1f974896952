package paper

import (
	"fmt"
	"math"
	"testing"

	"github.com/swimpair/swim/tests/chart"
)

// rumours are the rows of table 1: push, with feedback and counter k, among 1000 sites.
var rumours = []struct {
	k                      int
	residue, traffic, last float64
}{
	{1, 0.18, 1.7, 16.8}, {2, 0.037, 3.3, 16.9}, {3, 0.011, 4.5, 17.4}, {4, 0.0036, 5.6, 17.5}, {5, 0.0012, 6.7, 17.7},
}

func TestTheSimulatorSpreadsARumourAsPublished(t *testing.T) {
	const sites = 1000
	type cell struct {
		k                      int
		residue, traffic, last []float64
	}
	var cells []*cell
	for _, row := range rumours {
		cells = append(cells, &cell{k: row.k})
	}
	runs := 8 * scale(12) // in the short form, too: a residue of few sites is the mean of many runs
	inParallel(t, cells, func(_ *testing.T, c *cell) {
		for seed := range runs {
			m := monger(sites, c.k, seed+1)
			c.residue, c.traffic, c.last = append(c.residue, m.residue), append(c.traffic, m.traffic), append(c.last, m.last)
		}
	})

	rows := [][]string{{"k", "residue", "published", "messages per site", "published", "cycles until the last hears", "published"}}
	lines := map[string]*chart.Series{}
	for i, want := range rumours {
		residue, traffic, last := mean(cells[i].residue), mean(cells[i].traffic), mean(cells[i].last)
		rows = append(rows, []string{
			fmt.Sprint(want.k), fmt.Sprintf("%.4f", residue), fmt.Sprint(want.residue),
			fmt.Sprintf("%.2f", traffic), fmt.Sprint(want.traffic), fmt.Sprintf("%.1f", last), fmt.Sprint(want.last),
		})
		plot(lines, "simulator", float64(want.k), residue)
		plot(lines, "published (1987)", float64(want.k), want.residue)
		// What the mean of so many runs may be off by chance, and a little for the table's own runs.
		tolerance := 0.06*want.residue + 4*math.Sqrt(want.residue/float64(sites)/float64(runs))
		if math.Abs(residue-want.residue) > tolerance {
			t.Errorf("k=%d: a residue of %.4f, published %.4f", want.k, residue, want.residue)
		}
		if math.Abs(traffic-want.traffic) > 0.15 || math.Abs(last-want.last) > 1.5 {
			t.Errorf("k=%d: traffic %.2f, last %.1f, published %.1f, %.1f", want.k, traffic, last, want.traffic, want.last)
		}
	}
	publish(t, "rumours", rows)
	draw(t, "rumours", chart.Chart{
		Title: "Sites that never hear of a rumour (Demers et al., table 1)",
		X:     chart.Axis{Label: "useless pushes in a row until a site stops, k"}, Y: chart.Axis{Label: "share of 1000 sites", Log: true},
		Series: series(lines),
	})
}
