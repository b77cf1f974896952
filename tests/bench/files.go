package bench

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/swimpair/swim/tests/chart"
)

// WriteCSV writes every repetition, every cluster at rest and the targets to files.
func (r Report) WriteCSV(directory string) error {
	return errors.Join(
		writeCSV(filepath.Join(directory, "repetitions.csv"), r.repetitions()),
		writeCSV(filepath.Join(directory, "faults.csv"), r.faults()),
		writeCSV(filepath.Join(directory, "rest.csv"), r.costs().Rows),
		writeCSV(filepath.Join(directory, "targets.csv"), r.verdict().Rows),
	)
}

func (r Report) repetitions() [][]string {
	rows := [][]string{{"system", "nodes", "fault", "repetition", "first_s", "median_s", "last_s", "cpu_ms_per_node", "packets_per_node", "bytes_per_node"}}
	for _, x := range r.Results {
		for i, s := range x.Spreads {
			row := []string{x.System, strconv.Itoa(x.Nodes), x.Fault, strconv.Itoa(i + 1), exact(s.First), exact(s.Median), exact(s.Last)}
			if len(x.Costs) == 0 {
				rows = append(rows, append(row, "", "", ""))
				continue
			}
			c := x.Costs[i]
			rows = append(rows, append(row,
				fmt.Sprintf("%.3f", milliseconds(c.CPU)), fmt.Sprintf("%.1f", c.Packets), fmt.Sprintf("%.0f", c.Bytes)))
		}
	}
	return rows
}

func (r Report) faults() [][]string {
	rows := [][]string{{"system", "nodes", "fault", "repetitions", "complete", "wrong", "faulted", "missing"}}
	for _, x := range r.Results {
		rows = append(rows, []string{
			x.System, strconv.Itoa(x.Nodes), x.Fault, strconv.Itoa(x.Repetitions), strconv.Itoa(len(x.Spreads)),
			strconv.Itoa(x.Wrong), strconv.Itoa(x.Faulted), fmt.Sprint(x.Missing),
		})
	}
	return rows
}

func exact(d time.Duration) string { return strconv.FormatFloat(d.Seconds(), 'f', 6, 64) }

// Draw writes the pictures that the report has points for.
func (r Report) Draw(directory string) error {
	var errs []error
	for name, picture := range r.charts() {
		if len(picture.Series) == 0 {
			continue
		}
		file, err := os.Create(filepath.Join(directory, "real-"+name+".svg"))
		if err != nil {
			return err
		}
		errs = append(errs, picture.Write(file), file.Close())
	}
	return errors.Join(errs...)
}

// charts by their names: times over the number of nodes, and the cost of rest.
func (r Report) charts() map[string]chart.Chart {
	across := chart.Axis{Label: "nodes"}
	times := chart.Axis{Label: "seconds, median", Log: true}
	return map[string]chart.Chart{
		"kill": {Title: "SIGKILL of a node: the last observer says failed", X: across, Y: times, Series: r.lasts("kill")},
		"stop": {Title: "SIGSTOP of a node: the last observer says failed", X: across, Y: times, Series: r.lasts("stop")},
		"term": {Title: "SIGTERM of a node: the last observer says left", X: across, Y: times, Series: r.lasts("term")},
		"cpu": {Title: "CPU of a node at rest", X: across, Y: chart.Axis{Label: "ms per second", To: 3},
			Series: r.resting(func(x Rest) float64 { return x.CPU })},
		"memory": {Title: "Memory of a node at rest", X: across, Y: chart.Axis{Label: "MiB resident", To: 35},
			Series: r.resting(func(x Rest) float64 { return x.Memory })},
		"traffic": {Title: "Traffic of a node at rest", X: across, Y: chart.Axis{Label: "packets per second", To: 10},
			Series: r.resting(func(x Rest) float64 { return x.Packets })},
	}
}

func (r Report) lasts(fault string) []chart.Series {
	return lines(func(system string) (points []chart.Point) {
		for _, x := range r.of(func(x Result) bool { return x.System == system && x.Fault == fault && len(x.Spreads) > 0 }) {
			points = append(points, chart.Point{X: float64(x.Nodes), Y: percentile(pick(x.Spreads, last), 50).Seconds()})
		}
		return points
	})
}

func (r Report) resting(of func(Rest) float64) []chart.Series {
	return lines(func(system string) (points []chart.Point) {
		for _, x := range r.Rests {
			if x.System == system && !x.Watched {
				points = append(points, chart.Point{X: float64(x.Nodes), Y: of(x)})
			}
		}
		return points
	})
}

// lines of the systems that have points.
func lines(of func(system string) []chart.Point) (all []chart.Series) {
	for _, system := range Systems {
		if points := of(system); len(points) > 0 {
			all = append(all, chart.Series{Name: system, Points: points})
		}
	}
	return all
}
