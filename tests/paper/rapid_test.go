package paper

import (
	"fmt"
	"strings"
	"testing"

	"github.com/swimpair/swim/tests/chart"
)

func TestTheSickAreOutOnceAndForAll(t *testing.T) {
	type cell struct {
		maker
		illness
		n, sick int
		r       stability
	}
	var cells []*cell
	for _, what := range pick(illnesses[:1], illnesses) {
		if !*full {
			cells = append(cells, &cell{swimpair, what, 20, 2, stability{}}, &cell{memberlist, what, 20, 2, stability{}})
			continue
		}
		// In the rig a thousand nodes of memberlist take too long, whenever they gossip much.
		cells = append(cells, &cell{swimpair, what, 1000, 10, stability{}}, &cell{swimpair, what, 250, 10, stability{}},
			&cell{memberlist, what, 250, 10, stability{}})
	}
	inParallel(t, cells, func(t *testing.T, c *cell) {
		run(t, c.maker, c.n, 1, func(s system) { c.r = ill(s, c.n, c.sick, c.illness) })
	})

	rows := [][]string{{"illness", "system", "nodes", "sick", "out at the end", "all were out once, after", "changes per sick and healthy node",
		"healthy ever failed by healthy", "by the sick", "distinct sizes seen", "messages per node and second"}}
	for _, c := range cells {
		rows = append(rows, []string{
			c.illness.name, c.maker.name, fmt.Sprint(c.n), fmt.Sprint(c.sick), fmt.Sprint(c.r.out), c.r.when(), fmt.Sprintf("%.2f", c.r.flips),
			fmt.Sprint(c.r.healthy), fmt.Sprint(c.r.bySick), fmt.Sprint(c.r.sizes), fmt.Sprintf("%.1f", c.r.messages),
		})
	}
	publish(t, "sick", rows)
	for _, what := range illnesses {
		lines := map[string]*chart.Series{}
		for _, c := range cells {
			if c.illness.name != what.name {
				continue
			}
			for second := range c.r.most {
				name := fmt.Sprintf("%s, %d nodes: ", c.maker.name, c.n)
				plot(lines, name+"fewest", float64(second), c.r.fewest[second])
				plot(lines, name+"most", float64(second), c.r.most[second])
			}
		}
		draw(t, fileName(what.name), chart.Chart{
			Title: fmt.Sprintf("Ten nodes are sick: %s (Rapid)", what.name), X: chart.Axis{Label: "seconds"},
			Y:      chart.Axis{Label: "failed in the eyes of healthy nodes", From: 0, To: 12},
			Series: steps(series(lines)),
		})
	}
	for _, c := range cells {
		switch most := mostChanges(c.illness.name); {
		case c.maker.name != swimpair.name:
		case c.r.healthy > 0 || c.r.out != c.sick:
			t.Errorf("%s of %d: %d are out in the end, and %d healthy ones were", c.illness.name, c.sick, c.r.out, c.r.healthy)
		case c.r.flips > most:
			t.Errorf("%s of %d: %.2f changes each, want at most %.2f", c.illness.name, c.sick, c.r.flips, most)
		}
	}
}

// mostChanges is how often a sick node may come and go. A flip-flop is out, in, and out: one
// who is well again for the first time is taken back.
func mostChanges(illness string) float64 {
	switch {
	case illness == "crash":
		return 1.001
	case strings.HasPrefix(illness, "flip-flop"):
		return 3.001
	}
	return 3 // it has to see first that it is unwell
}

func (r stability) when() string {
	if r.outAt == 0 {
		return "never"
	}
	return seconds(r.outAt)
}

// fileName of "80 % loss, ingress" is "sick-80-loss-ingress".
func fileName(illness string) string {
	words := strings.FieldsFunc(illness, func(r rune) bool { return strings.ContainsRune(" ,%", r) })
	return "sick-" + strings.Join(words, "-")
}
