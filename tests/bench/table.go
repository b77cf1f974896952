package bench

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"
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

// Markdown is the table as a document has it.
func (t Table) Markdown() string {
	var b strings.Builder
	for i, row := range t.Rows {
		fmt.Fprintf(&b, "| %s |\n", strings.Join(row, " | "))
		if i == 0 {
			fmt.Fprintf(&b, "|%s\n", strings.Repeat("---|", len(row)))
		}
	}
	return b.String()
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
		begin, end := "<!-- bench:begin "+t.Name+" -->\n", "<!-- bench:end "+t.Name+" -->"
		head, rest, found := strings.Cut(text, begin)
		_, tail, closed := strings.Cut(rest, end)
		if !found || !closed {
			return "", fmt.Errorf("the document has no place marked %s", t.Name)
		}
		text = head + begin + t.Markdown() + end + tail
	}
	return text, nil
}
