package trace

import (
	"context"
	"strings"
	"testing"
)

const (
	sample   = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01" // the standard's own example
	sampleID = "4bf92f3577b34da6a3ce929d0e0e4736"
)

func TestParseReadsTheStandardsExample(t *testing.T) {
	id, ok := Parse(sample)
	if !ok || id.String() != sampleID {
		t.Errorf("Parse(%q) = %v, %v, want %s", sample, id, ok, sampleID)
	}
}

func TestParseReadsWhatFormatWrites(t *testing.T) {
	for range 100 {
		want := New()
		header := Format(want)
		got, ok := Parse(header)
		if !ok || got != want {
			t.Fatalf("Parse(%q) = %v, %v, want %v", header, got, ok, want)
		}
	}
}

func TestEachCallHasItsOwnSpan(t *testing.T) {
	id := New()
	if a, b := Format(id), Format(id); a == b {
		t.Errorf("two calls of one trace share the header %q", a)
	}
}

func TestNewIDsDiffer(t *testing.T) {
	if a, b := New(), New(); a == b || a.IsZero() {
		t.Errorf("New gave %v and %v, want two different ids, none of them zero", a, b)
	}
}

func TestGarbageIsNoTrace(t *testing.T) {
	for name, header := range map[string]string{
		"empty":           "",
		"another version": "01" + sample[2:],
		"version ff":      "ff" + sample[2:],
		"capitals":        strings.ToUpper(sample),
		"too short":       sample[:len(sample)-1],
		"too long":        sample + "0",
		"more fields":     sample + "-00",
		"not hex":         strings.Replace(sample, "4bf9", "4bg9", 1),
		"span not hex":    strings.Replace(sample, "00f0", "00x0", 1),
		"flags not hex":   sample[:len(sample)-2] + "0g",
		"zero trace":      "00-" + strings.Repeat("0", 32) + "-00f067aa0ba902b7-01",
		"zero span":       "00-" + sampleID + "-" + strings.Repeat("0", 16) + "-01",
		"wrong separator": strings.Replace(sample, "-", "_", 2),
		"dash in trace":   "00-4bf92f3577b34da6a3ce929d0e0e473-600f067aa0ba902b7-01",
		"binary":          strings.Repeat("\x00", len(sample)),
	} {
		if id, ok := Parse(header); ok {
			t.Errorf("%s: Parse(%q) = %v, want no trace", name, header, id)
		}
	}
}

func TestTheContextCarriesTheID(t *testing.T) {
	if id := FromContext(context.Background()); !id.IsZero() {
		t.Errorf("a bare context carries %v, want none", id)
	}
	want := New()
	if got := FromContext(NewContext(context.Background(), want)); got != want {
		t.Errorf("the context carries %v, want %v", got, want)
	}
}

func FuzzParseNeverPanicsAndNeverAcceptsZero(f *testing.F) {
	f.Add(sample)
	f.Add("00--")
	f.Fuzz(func(t *testing.T, s string) {
		id, ok := Parse(s)
		if ok && (id.IsZero() || s[3:35] != id.String()) {
			t.Errorf("Parse(%q) = %v", s, id)
		}
	})
}
