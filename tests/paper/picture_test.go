package paper

import (
	"maps"
	"slices"

	"github.com/swimpair/swim/tests/chart"
)

// plot adds a point to the line of that name.
func plot(lines map[string]*chart.Series, name string, x, y float64) {
	if lines[name] == nil {
		lines[name] = &chart.Series{Name: name}
	}
	lines[name].Points = append(lines[name].Points, chart.Point{X: x, Y: y})
}

// series are the lines, ours first.
func series(lines map[string]*chart.Series) (all []chart.Series) {
	for _, name := range slices.Backward(slices.Sorted(maps.Keys(lines))) {
		all = append(all, *lines[name])
	}
	return all
}

// steps makes lines of what is counted, and changes at a moment.
func steps(all []chart.Series) []chart.Series {
	for i := range all {
		all[i].Style = chart.Step
	}
	return all
}

// level is a published value beside ours.
func level(name string, across []int, value float64) chart.Series {
	return band(name, across, value, value)
}

// band is the frame around published values.
func band(name string, across []int, low, high float64) chart.Series {
	left, right := float64(across[0]), float64(across[len(across)-1])
	return chart.Series{Name: name, Style: chart.Reference, Points: []chart.Point{
		{X: left, Y: low}, {X: right, Y: low}, {X: right, Y: high}, {X: left, Y: high}, {X: left, Y: low},
	}}
}
