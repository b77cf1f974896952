package main

import (
	"encoding/csv"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/swimpair/swim/tests/cluster"
)

// figure is one measured quantity, with a value for each run.
type figure struct {
	name   string
	unit   string
	values []float64
}

// figures in the order of their measurement.
type figures []figure

func (f *figures) add(name, unit string, value float64) {
	i := slices.IndexFunc(*f, func(x figure) bool { return x.name == name })
	if i < 0 {
		i = len(*f)
		*f = append(*f, figure{name: name, unit: unit})
	}
	(*f)[i].values = append((*f)[i].values, value)
}

func (f *figures) duration(name string, d time.Duration) { f.add(name, "s", d.Seconds()) }

// idle adds the mean memory and CPU of one kind of process.
func (f *figures) idle(service string, before, after map[string]cluster.Usage, elapsed time.Duration) {
	var count, rss, cpu float64
	for name, usage := range after {
		if strings.HasSuffix(name, "-"+service) {
			count++
			rss += float64(usage.RSS)
			cpu += (usage.CPU - before[name].CPU).Seconds()
		}
	}
	f.add(service+", idle: resident memory, mean", "MiB", rss/count/(1<<20))
	f.add(service+", idle: CPU, mean", "ms/s", cpu/count/elapsed.Seconds()*1000)
}

func (f figures) print(w io.Writer) {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	defer t.Flush() // the terminal, or whoever reads us
	if runs := len(f[0].values); runs > 1 {
		fmt.Fprintf(w, "\nMeasured in %d runs on this machine:\n", runs)
		fmt.Fprintf(t, "%-52s\tmedian\tmin\tmax\t\n", "")
	} else {
		fmt.Fprintln(w, "\nMeasured, once, on this machine:")
	}
	for _, x := range f {
		sorted := slices.Sorted(slices.Values(x.values))
		fmt.Fprintf(t, "   %-49s\t%s\t", x.name, text(sorted[len(sorted)/2]))
		if len(sorted) > 1 {
			fmt.Fprintf(t, "%s\t%s\t", text(sorted[0]), text(sorted[len(sorted)-1]))
		}
		fmt.Fprintf(t, "%s\t\n", x.unit)
	}
}

func text(value float64) string { return strconv.FormatFloat(value, 'f', 3, 64) }

func (f figures) writeCSV(path string) error {
	file, err := os.Create(path)
	if err != nil {
		return fmt.Errorf("cannot write the figures: %w", err)
	}
	w := csv.NewWriter(file)
	rows := [][]string{{"run", "name", "value", "unit"}}
	for _, x := range f {
		for run, value := range x.values {
			rows = append(rows, []string{strconv.Itoa(run + 1), x.name, text(value), x.unit})
		}
	}
	writeErr := w.WriteAll(rows)
	if err := file.Close(); writeErr == nil {
		writeErr = err
	}
	if writeErr != nil {
		return fmt.Errorf("cannot write the figures to %s: %w", path, writeErr)
	}
	return nil
}
