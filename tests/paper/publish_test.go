package paper

import (
	"encoding/csv"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/swimpair/swim/tests/chart"
)

var (
	out      = flag.String("paper.out", "", "write each table to a CSV file in this directory")
	docs     = flag.String("paper.docs", "", "write the tables into this document, between their marks")
	pictures = flag.String("paper.pictures", "", "write each picture to an SVG file in this directory")
)

// publish prints a table, and writes it where it was asked for.
func publish(t *testing.T, name string, rows [][]string) {
	t.Helper()
	var b strings.Builder
	for i, row := range rows {
		fmt.Fprintf(&b, "| %s |\n", strings.Join(row, " | "))
		if i == 0 {
			fmt.Fprintf(&b, "|%s\n", strings.Repeat("---|", len(row)))
		}
	}
	t.Logf("%s\n%s", name, b.String())
	save(t, name, rows)
	if *docs != "" {
		document(t, name, b.String())
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

func document(t *testing.T, name, table string) {
	t.Helper()
	text, err := os.ReadFile(*docs)
	if err != nil {
		t.Fatal(err)
	}
	begin, end := "<!-- sim-paper:begin "+name+" -->\n", "<!-- sim-paper:end "+name+" -->"
	head, rest, found := strings.Cut(string(text), begin)
	_, tail, ended := strings.Cut(rest, end)
	if !found || !ended {
		t.Fatalf("%s has no place marked %s", *docs, name)
	}
	if err := os.WriteFile(*docs, []byte(head+begin+table+end+tail), 0o644); err != nil {
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
