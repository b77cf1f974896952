package bcast

import (
	"flag"
	"testing"

	"github.com/swimpair/swim/tests/document"
)

var (
	measure = flag.Bool("bcast", false, "measure, and print the tables: some minutes")
	docs    = flag.String("bcast.docs", "", "write each table into this document, between its marks")
)

// measured skips what is no test: nothing is demanded of a clock.
func measured(t *testing.T) {
	t.Helper()
	if !*measure {
		t.Skip("a measurement: make bench-broadcast")
	}
}

// publish prints a table, and writes it where it was asked for.
func publish(t *testing.T, name string, rows [][]string) {
	t.Helper()
	table := document.Markdown(rows)
	t.Logf("%s\n%s", name, table)
	if *docs == "" {
		return
	}
	if err := document.Write(*docs, "bench-broadcast", name, table); err != nil {
		t.Fatal(err)
	}
}
