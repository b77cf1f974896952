package bench

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"

	"github.com/swimpair/swim/tests/document"
)

// Table is text in rows, of which the first is the head.
type Table struct {
	Name, Title string
	Rows        [][]string
}

// Print it in aligned columns.
func (t Table) Print(w io.Writer) error {
	fmt.Fprintf(w, "\n%s\n\n", t.Title)
	out := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for i, row := range t.Rows {
		fmt.Fprintln(out, "  "+strings.Join(row, "\t"))
		if i == 0 {
			rules := make([]string, len(row))
			for j, cell := range row {
				rules[j] = strings.Repeat("-", len(cell))
			}
			fmt.Fprintln(out, "  "+strings.Join(rules, "\t"))
		}
	}
	return out.Flush()
}

// writeCSV writes rows to a file.
func writeCSV(path string, rows [][]string) error {
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	return errors.Join(csv.NewWriter(file).WriteAll(rows), file.Close())
}

// Document is the text with its tables replaced by the new ones. A table without rows below
// its head was not measured, and the old one stays.
func Document(text string, tables []Table) (string, error) {
	for _, t := range tables {
		if len(t.Rows) < 2 {
			continue
		}
		var err error
		if text, err = document.Replace(text, "bench", t.Name, document.Markdown(t.Rows)); err != nil {
			return "", err
		}
	}
	return text, nil
}
