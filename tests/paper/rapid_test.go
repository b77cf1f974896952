package paper

import (
	"fmt"
	"strings"
	"testing"

	"github.com/swimpair/swim/tests/paper/chart"
)

func TestTheSickAreOutOnceAndForAll(t *testing.T) {
	type cell struct {
		maker
		illness
		r stability
	}
	n, sick := 20, 2
	if *full {
		n, sick = 1000, 10
	}
	var cells []*cell
	for _, what := range pick(illnesses[:1], illnesses) {
		for _, m := range makers {
			cells = append(cells, &cell{maker: m, illness: what})
		}
	}
	inParallel(t, cells, func(t *testing.T, c *cell) {
		run(t, c.maker, n, 1, func(s system) { c.r = ill(s, n, sick, c.illness) })
	})

	rows := [][]string{{"illness", "system", "nodes", "sick", "out at the end", "all were out once, after", "changes per sick and healthy node",
		"healthy ever failed by healthy", "by the sick", "distinct sizes seen", "messages per node and second"}}
	for _, c := range cells {
		rows = append(rows, []string{
			c.illness.name, c.maker.name, fmt.Sprint(n), fmt.Sprint(sick), fmt.Sprint(c.r.out), c.r.when(), fmt.Sprintf("%.2f", c.r.flips),
			fmt.Sprint(c.r.healthy), fmt.Sprint(c.r.bySick), fmt.Sprint(c.r.sizes), fmt.Sprintf("%.1f", c.r.messages),
		})
	}
	publish(t, "sick", rows)
	for i := 0; i < len(cells); i += len(makers) {
		lines := map[string]*chart.Series{}
		for _, c := range cells[i : i+len(makers)] {
			for second := range c.r.low {
				plot(lines, c.maker.name+", fewest seen", float64(second), c.r.low[second])
				plot(lines, c.maker.name+", most seen", float64(second), c.r.high[second])
			}
		}
		draw(t, fileName(cells[i].illness.name), chart.Chart{
			Title: fmt.Sprintf("%d of %d nodes are sick: %s (Rapid)", sick, n, cells[i].illness.name),
			X:     chart.Axis{Label: "seconds"},
			Y:     chart.Axis{Label: "group size, as healthy nodes see it", From: float64(n - 14*sick/10), To: float64(n)}, Series: steps(series(lines)),
		})
	}
	for _, c := range cells {
		if c.maker.name == swimpair.name && c.illness.name == "crash" && (c.r.out != sick || c.r.flips > 1.001 || c.r.healthy > 0) {
			t.Errorf("after a crash of %d: %+v, want exactly these out, at once and for good", sick, c.r)
		}
	}
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
