package main

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/swimpair/swim/proto/swim"
	"github.com/swimpair/swim/tests/cluster"
)

var noon = time.Date(2026, 3, 1, 12, 0, 1, 123456789, time.UTC)

// two nodes and a half: the third has ended, the second says nothing any more, and the
// first knows them all, a tenth node and a contact.
func scene() ([]pair, cluster.Views) {
	nodes := []pair{{"1", 101, 102}, {"2", 201, 202}, {"3", 0, 302}}
	row := func(id swim.NodeID, state swim.State) swim.Member { return swim.Member{ID: id, State: state} }
	rows := func(members ...swim.Member) map[string]swim.Member {
		m := map[string]swim.Member{}
		for _, member := range members {
			m[cluster.Key(member)] = member
		}
		return m
	}
	contact := swim.Member{State: swim.Contact, DetectorAddress: "localhost:50055"}
	return nodes, cluster.Views{
		"1": {Connected: true, Heard: noon, Rows: rows(
			row("1", swim.Alive), row("2", swim.Suspect), row("3", swim.Failed), row("10", swim.Left), contact)},
		"2": {Connected: true, Heard: noon.Add(-time.Minute), Rows: rows(row("1", swim.Alive))},
		"3": {Connected: false, Heard: noon, Rows: rows(row("1", swim.Alive))},
	}
}

func TestTheTableShowsWhoSeesWhatAndNothingOld(t *testing.T) {
	nodes, views := scene()
	got := strings.Join(tableOf(nodes, views, noon), "\n")
	want := strings.Trim(`
MEMBER           DETECTOR PID  DISSEMINATOR PID  SEEN BY 1  SEEN BY 2  SEEN BY 3
1                101           102               alive      -          -
2                201           202               suspect    -          -
3                ended         302               failed     -          -
10               -             -                 left       -          -
localhost:50055  -             -                 contact    -          -
`, "\n")
	if got != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
}

func TestTheHintKillsTheLastWholePair(t *testing.T) {
	nodes, _ := scene()
	if got, want := hint(nodes), "kill -9 201 202     (node 2)"; got != want {
		t.Errorf("hint is %q, want %q", got, want)
	}
	if got, want := hint(nodes[2:]), "no whole pair is left"; got != want {
		t.Errorf("hint is %q, want %q", got, want)
	}
}

func TestTheFrameFitsTheTerminalAndKeepsTheLatestEvents(t *testing.T) {
	s := &screen{binDir: "bin", logDir: "run/cluster"}
	for i := range 300 {
		s.event(noon, fmt.Sprintf("event %d", i))
	}
	nodes, views := scene()
	frame := s.frame(tableOf(nodes, views, noon), hint(nodes), 24)
	if len(frame) != 24 {
		t.Errorf("the frame has %d lines, want 24:\n%s", len(frame), strings.Join(frame, "\n"))
	}
	text := strings.Join(frame, "\n")
	for _, want := range []string{"12:00:01.123  event 299", "run/cluster", "kill -9 201 202", "bin/swimctl"} {
		if !strings.Contains(text, want) {
			t.Errorf("the frame does not show %q:\n%s", want, text)
		}
	}
	if len(s.events) > keptEvents {
		t.Errorf("%d events are kept, want at most %d", len(s.events), keptEvents)
	}
}

func TestAFrameIsDrawnOverTheOneBefore(t *testing.T) {
	var out bytes.Buffer
	s := &screen{out: &out, colour: true}
	s.draw([]string{"one alive", "a line that is too long"}, 9)
	s.draw([]string{"two failed"}, 80)
	want := "one \x1b[32malive\x1b[0m\x1b[K\n" + "a line th\x1b[K\n" + "\x1b[J" +
		"\x1b[2A" + "two \x1b[31mfailed\x1b[0m\x1b[K\n" + "\x1b[J"
	if got := out.String(); got != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}
