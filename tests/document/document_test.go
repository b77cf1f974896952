package document_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/swimpair/swim/tests/document"
)

const before = "a\n<!-- x:begin t -->\nold\n<!-- x:end t -->\nb\n"

func TestATableTakesThePlaceOfTheOldOne(t *testing.T) {
	path := filepath.Join(t.TempDir(), "doc.md")
	if err := os.WriteFile(path, []byte(before), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := document.Write(path, "x", "t", document.Markdown([][]string{{"n", "s"}, {"5", "1"}})); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(path)
	want := "a\n<!-- x:begin t -->\n| n | s |\n|---|---|\n| 5 | 1 |\n<!-- x:end t -->\nb\n"
	if err != nil || string(got) != want {
		t.Errorf("got %q, %v, want %q", got, err, want)
	}
}

func TestAMissingMarkIsNamedAndNothingIsLost(t *testing.T) {
	for _, text := range []string{"", "<!-- x:begin t -->\nold\n", "<!-- y:begin t -->\n<!-- y:end t -->"} {
		if got, err := document.Replace(text, "x", "t", "new"); err == nil || got != "" {
			t.Errorf("got %q, %v for %q, want an error", got, err, text)
		}
	}
}
