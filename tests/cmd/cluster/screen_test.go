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
MEMBER           DET PID  DISS PID  BY 1     BY 2  BY 3
1                101      102       alive    -     -
2                201      202       suspect  -     -
3                ended    302       failed   -     -
10               -        -         left     -     -
localhost:50055  -        -         contact  -     -
`, "\n")
	if got != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
}

func TestAProcessOfOursThatEndedIsNotOursOnceItsNodeLivesAgain(t *testing.T) {
	nodes, views := scene()
	nodes[2].disseminatorPID = 0
	views["3"] = cluster.View{Connected: true, Heard: noon, Rows: map[string]swim.Member{"3": {ID: "3", State: swim.Alive}}}
	if got, want := tableOf(nodes, views, noon)[3], "3                not ours  not ours  failed   -     alive"; got != want {
		t.Errorf("the row is\n%q, want\n%q", got, want)
	}
}

func TestTheHintsAreCommandsForWhatRunsAndWhatDoesNot(t *testing.T) {
	s := &screen{binDir: "bin"}
	nodes, views := scene()
	check := func(want string) {
		t.Helper()
		if got, want := strings.Join(s.hints(nodes, views, noon), "\n"), strings.Trim(want, "\n"); got != want {
			t.Errorf("got:\n%s\nwant:\n%s", got, want)
		}
	}
	check(`
Kill node 2:   kill -9 201 202
Ask node 1:    bin/swimctl members --addr 127.0.0.1:50061
Start node 4:  (export NODE_ID=4 BOOTSTRAP_ADDRESS=localhost:50061
               bin/disseminator & bin/detector; wait)
`)
	nodes[0], nodes[1].detectorPID = pair{id: "1"}, 0
	views["1"] = cluster.View{}
	check(`
No pair of ours is whole any more.
Ask node 2:    bin/swimctl members --addr 127.0.0.1:50062
Start node 1:  (export NODE_ID=1 BOOTSTRAP_ADDRESS=localhost:50062
               bin/disseminator & bin/detector; wait)
`)
}

func TestTheFrameFits80ColumnsAtItsWidest(t *testing.T) {
	s := &screen{binDir: "bin", logDir: "run/cluster"}
	var nodes []pair
	views := cluster.Views{}
	contact := swim.Member{State: swim.Contact, DetectorAddress: "localhost:50056"}
	for i := range pairs {
		id := swim.NodeID(fmt.Sprint(i + 1))
		nodes = append(nodes, pair{id, 4194304, 4194303})
		views[id] = cluster.View{Connected: true, Heard: noon, Rows: map[string]swim.Member{
			"1": {ID: "1", State: swim.Suspect}, string(id): {ID: id, State: swim.Alive}, cluster.Key(contact): contact,
		}}
	}
	nodes[4].detectorPID = 0 // and somebody has started node 5 again
	for _, line := range s.frame(nodes, views, noon, 23) {
		if len(line) > 80 {
			t.Errorf("this line has %d columns, want at most 80:\n%s", len(line), line)
		}
	}
}

func TestTheHeadlineCountsWhatRuns(t *testing.T) {
	s := &screen{binDir: "bin", logDir: "run/cluster"}
	nodes, views := scene()
	want := "5 of 6 processes run (3 pairs). Ctrl-C stops them. Logs: run/cluster"
	if got := s.frame(nodes, views, noon, 23)[0]; got != want {
		t.Errorf("the headline is %q, want %q", got, want)
	}
}

func TestOnlyAFailureIsExplainedWithTheLastLineOfTheLog(t *testing.T) {
	for code, want := range map[int]string{
		-1: "node4-detector was killed",
		0:  "node4-detector has stopped as asked, with exit code 0",
		1:  "node4-detector has ended with exit code 1: the last line",
	} {
		if got := ending("node4-detector", code, "the last line"); got != want {
			t.Errorf("exit code %d: %q, want %q", code, got, want)
		}
	}
}

func TestTheFrameFitsTheTerminalAndKeepsTheLatestEvents(t *testing.T) {
	s := &screen{binDir: "bin", logDir: "run/cluster"}
	for i := range 300 {
		s.event(noon, fmt.Sprintf("event %d", i))
	}
	nodes, views := scene()
	frame := s.frame(nodes, views, noon, 24)
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
	want := "one \x1b[32malive\x1b[0m\n" + "a line th\n" + "\x1b[J" +
		"\x1b[2A" + "two \x1b[31mfailed\x1b[0m\x1b[K\n" + "\x1b[J"
	if got := out.String(); got != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}
