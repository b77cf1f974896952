// Package document writes measured tables into a Markdown text, each between two marks of its
// own, so that a figure can be renewed by the command that measures it.
package document

import (
	"fmt"
	"os"
	"strings"
)

// Markdown is a table; its first row is the head.
func Markdown(rows [][]string) string {
	var b strings.Builder
	for i, row := range rows {
		fmt.Fprintf(&b, "| %s |\n", strings.Join(row, " | "))
		if i == 0 {
			fmt.Fprintf(&b, "|%s\n", strings.Repeat("---|", len(row)))
		}
	}
	return b.String()
}

// Replace puts a table in the place of the one between the marks <!-- command:begin name -->
// and <!-- command:end name -->.
func Replace(text, command, name, table string) (string, error) {
	begin := fmt.Sprintf("<!-- %s:begin %s -->\n", command, name)
	end := fmt.Sprintf("<!-- %s:end %s -->", command, name)
	head, rest, found := strings.Cut(text, begin)
	_, tail, ended := strings.Cut(rest, end)
	if !found || !ended {
		return "", fmt.Errorf("the document has no place marked %s of %s", name, command)
	}
	return head + begin + table + end + tail, nil
}

// Write does the same in a file.
func Write(path, command, name, table string) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	updated, err := Replace(string(text), command, name, table)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return os.WriteFile(path, []byte(updated), 0o644)
}
