package chart_test

import (
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/swimpair/swim/tests/chart"
)

func draw(t *testing.T, c chart.Chart) string {
	t.Helper()
	var b strings.Builder
	if err := c.Write(&b); err != nil {
		t.Fatal(err)
	}
	for d := xml.NewDecoder(strings.NewReader(b.String())); ; {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			return b.String()
		} else if err != nil {
			t.Fatalf("this is no XML: %v\n%s", err, b.String())
		}
	}
}

func contains(t *testing.T, picture string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(picture, part) {
			t.Errorf("%q is not in\n%s", part, picture)
		}
	}
}

func TestPointsStandWhereTheTicksSay(t *testing.T) {
	picture := draw(t, chart.Chart{
		X: chart.Axis{Label: "x"}, Y: chart.Axis{Label: "y"},
		Series: []chart.Series{{Name: "s", Points: []chart.Point{{X: 0, Y: 0}, {X: 6, Y: 3}, {X: 12, Y: 6}}}},
	})
	contains(t, picture, `d="M70.0 308.0L403.0 176.0L736.0 44.0"`, `>12</text>`, `>6</text>`)
}

func TestALogarithmicAxisHasPowersOfTenAndNoZero(t *testing.T) {
	picture := draw(t, chart.Chart{
		Y:      chart.Axis{Log: true},
		Series: []chart.Series{{Name: "s", Points: []chart.Point{{X: 0, Y: 0.01}, {X: 1, Y: 0}, {X: 2, Y: 1}}}},
	})
	contains(t, picture, `d="M70.0 308.0L736.0 44.0"`, `>0.01</text>`, `>0.1</text>`, `>1</text>`)
}

func TestAStepIsLevelUntilTheNextPoint(t *testing.T) {
	picture := draw(t, chart.Chart{
		Series: []chart.Series{{Name: "s", Style: chart.Step, Points: []chart.Point{{X: 0, Y: 0}, {X: 1, Y: 1}}}},
	})
	contains(t, picture, `d="M70.0 308.0H736.0V44.0"`)
}

func TestWordsAreEscapedAndNothingAtAllCanBeDrawn(t *testing.T) {
	contains(t, draw(t, chart.Chart{Title: "a < b & c"}), "a &lt; b &amp; c")
	draw(t, chart.Chart{X: chart.Axis{Log: true}, Y: chart.Axis{Log: true}})
	draw(t, chart.Chart{Series: []chart.Series{{Points: []chart.Point{{X: 1, Y: 1}}}}})
}
