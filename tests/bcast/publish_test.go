package bcast

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
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
	var b strings.Builder
	for i, row := range rows {
		fmt.Fprintf(&b, "| %s |\n", strings.Join(row, " | "))
		if i == 0 {
			fmt.Fprintf(&b, "|%s\n", strings.Repeat("---|", len(row)))
		}
	}
	t.Logf("%s\n%s", name, b.String())
	if *docs == "" {
		return
	}
	text, err := os.ReadFile(*docs)
	if err != nil {
		t.Fatal(err)
	}
	begin, end := "<!-- bench-broadcast:begin "+name+" -->\n", "<!-- bench-broadcast:end "+name+" -->"
	head, rest, found := strings.Cut(string(text), begin)
	_, tail, ended := strings.Cut(rest, end)
	if !found || !ended {
		t.Fatalf("%s has no place marked %s", *docs, name)
	}
	if err := os.WriteFile(*docs, []byte(head+begin+b.String()+end+tail), 0o644); err != nil {
		t.Fatal(err)
	}
}
