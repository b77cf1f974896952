package main

import (
	"encoding/csv"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/swimpair/swim/tests/cluster"
)

// figure is one measured value.
type figure struct {
	name  string
	value float64
	unit  string
}

// figures in the order of their measurement.
type figures []figure

func (f *figures) duration(name string, d time.Duration) {
	*f = append(*f, figure{name, d.Seconds(), "s"})
}

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
	*f = append(*f,
		figure{service + ", idle: resident memory, mean", rss / count / (1 << 20), "MiB"},
		figure{service + ", idle: CPU, mean", cpu / count / elapsed.Seconds() * 1000, "ms/s"},
	)
}

func (f figures) print(w io.Writer) {
	fmt.Fprintln(w, "\nMeasured, once, on this machine:")
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, x := range f {
		fmt.Fprintf(t, "   %s\t%8s %s\n", x.name, x.text(), x.unit)
	}
	_ = t.Flush() // the terminal, or whoever reads us
}

func (x figure) text() string { return strconv.FormatFloat(x.value, 'f', 3, 64) }

func (f figures) writeCSV(path string) error {
	file, err := os.Create(path)
	if err != nil {
		return fmt.Errorf("cannot write the figures: %w", err)
	}
	w := csv.NewWriter(file)
	rows := [][]string{{"name", "value", "unit"}}
	for _, x := range f {
		rows = append(rows, []string{x.name, x.text(), x.unit})
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
