package paper

import (
	"encoding/csv"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/swimpair/swim/tests/chart"
	"github.com/swimpair/swim/tests/document"
)

var (
	out      = flag.String("paper.out", "", "write each table to a CSV file in this directory")
	docs     = flag.String("paper.docs", "", "write the tables into this document, between their marks")
	pictures = flag.String("paper.pictures", "", "write each picture to an SVG file in this directory")
)

// publish prints a table, and writes it where it was asked for.
func publish(t *testing.T, name string, rows [][]string) {
	t.Helper()
	table := document.Markdown(rows)
	t.Logf("%s\n%s", name, table)
	save(t, name, rows)
	if *docs == "" {
		return
	}
	if err := document.Write(*docs, "sim-paper", name, table); err != nil {
		t.Fatal(err)
	}
}

// save writes a table to a CSV file where it was asked for.
func save(t *testing.T, name string, rows [][]string) {
	t.Helper()
	if *out == "" {
		return
	}
	file := create(t, *out, name+".csv")
	defer file.Close()
	if err := csv.NewWriter(file).WriteAll(rows); err != nil {
		t.Fatal(err)
	}
}

// draw writes a picture where it was asked for.
func draw(t *testing.T, name string, c chart.Chart) {
	t.Helper()
	if *pictures == "" {
		return
	}
	file := create(t, *pictures, name+".svg")
	defer file.Close()
	if err := c.Write(file); err != nil {
		t.Fatal(err)
	}
}

func create(t *testing.T, directory, name string) *os.File {
	t.Helper()
	file, err := os.Create(filepath.Join(directory, name))
	if err != nil {
		t.Fatal(err)
	}
	return file
}
