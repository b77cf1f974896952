package main

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/swimpair/swim/proto/swim"
	"github.com/swimpair/swim/tests/cluster"
)

// screen draws the table and the latest events over the frame before.
type screen struct {
	out            io.Writer
	size           func() (width, height int, err error)
	colour         bool
	binDir, logDir string

	events []string
	drawn  int // lines of the frame that stands on the terminal
}

// keptEvents is more than any terminal shows.
const keptEvents = 200

func (s *screen) event(at time.Time, text string) {
	s.events = append(s.events, at.Format(clock)+"  "+text)
	s.events = s.events[max(0, len(s.events)-keptEvents):]
}

func (s *screen) refresh(c *cluster.Cluster, now time.Time) {
	width, height, err := s.size()
	if err != nil {
		width, height = 80, 24
	}
	var nodes []pair
	for _, n := range c.Nodes() {
		nodes = append(nodes, pair{n.Name(), n.Detector.PID(), n.Disseminator.PID()})
	}
	s.draw(s.frame(tableOf(nodes, c.Views(), now), hint(nodes), height-1), width)
}

// pair is one of our nodes; a pid is 0 when the process has ended.
type pair struct {
	id                           swim.NodeID
	detectorPID, disseminatorPID int
}

// frame puts the parts together; the events get the lines that are left.
func (s *screen) frame(table []string, kill string, height int) []string {
	frame := append([]string{
		fmt.Sprintf("%d pairs run on this machine. Ctrl-C stops them all. Logs: %s", pairs, s.logDir), "",
	}, table...)
	foot := []string{"",
		"Kill one:  " + kill,
		"Ask one:   " + s.binDir + "/swimctl members --addr 127.0.0.1:50061",
		"Start one: export NODE_ID=6 BOOTSTRAP_ADDRESS=localhost:50061   (or 5, after its kill)",
		"           " + s.binDir + "/disseminator & " + s.binDir + "/detector",
	}
	frame = append(frame, "")
	room := max(3, height-len(frame)-len(foot))
	frame = append(frame, s.events[max(0, len(s.events)-room):]...)
	return append(frame, foot...)
}

// draw replaces the frame before, in one write, so that nothing flickers.
func (s *screen) draw(frame []string, width int) {
	var buf bytes.Buffer
	if s.drawn > 0 {
		fmt.Fprintf(&buf, "\x1b[%dA", s.drawn) // to its first line
	}
	for _, line := range frame {
		if runes := []rune(line); len(runes) > width {
			line = string(runes[:width]) // a line that wraps would count as two
		}
		if s.colour {
			line = colours.Replace(line)
		}
		buf.WriteString(line + "\x1b[K\n") // clear the rest of the line
	}
	buf.WriteString("\x1b[J") // and what is left of a longer frame
	s.drawn = len(frame)
	_, _ = s.out.Write(buf.Bytes()) // a terminal that is gone ends us by SIGHUP
}

var colours = strings.NewReplacer(
	"alive", "\x1b[32malive\x1b[0m",
	"suspect", "\x1b[33msuspect\x1b[0m",
	"failed", "\x1b[31mfailed\x1b[0m",
	"left", "\x1b[36mleft\x1b[0m",
)

// silentAfter is how long a node may say nothing before its column is taken for old: six
// of its heartbeats.
const silentAfter = 3 * time.Second

// tableOf has a row for each member that anybody knows, and a column for each of our nodes.
func tableOf(nodes []pair, views cluster.Views, now time.Time) []string {
	pids := map[string]string{}
	rows := map[string]bool{}
	heads := []string{"MEMBER", "DETECTOR PID", "DISSEMINATOR PID"}
	for _, n := range nodes {
		key := string(n.id)
		rows[key] = true
		pids[key] = pidText(n.detectorPID) + "\t" + pidText(n.disseminatorPID)
		heads = append(heads, "SEEN BY "+key)
		for row := range views[n.id].Rows {
			rows[row] = true
		}
	}
	var buf bytes.Buffer
	t := tabwriter.NewWriter(&buf, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, strings.Join(heads, "\t"))
	for _, row := range slices.SortedFunc(maps.Keys(rows), byNumber) {
		cells := []string{row, cmp.Or(pids[row], "-\t-")}
		for _, n := range nodes {
			cells = append(cells, cell(views[n.id], row, now))
		}
		fmt.Fprintln(t, strings.Join(cells, "\t"))
	}
	_ = t.Flush() // into memory
	return strings.Split(strings.TrimRight(buf.String(), "\n"), "\n")
}

// cell is the state that the view gives to a row: "-" if the node does not answer, "" if
// it does not know the row.
func cell(view cluster.View, row string, now time.Time) string {
	if !view.Connected || now.Sub(view.Heard) > silentAfter {
		return "-"
	}
	if m, ok := view.Rows[row]; ok {
		return m.State.String()
	}
	return ""
}

func pidText(pid int) string {
	if pid == 0 {
		return "ended"
	}
	return strconv.Itoa(pid)
}

// byNumber orders ids as numbers, and contacts, which are addresses, behind them.
func byNumber(a, b string) int {
	x, errX := strconv.Atoi(a)
	y, errY := strconv.Atoi(b)
	switch {
	case errX == nil && errY == nil:
		return cmp.Compare(x, y)
	case errX == nil:
		return -1
	case errY == nil:
		return 1
	}
	return cmp.Compare(a, b)
}

// hint is the command that kills the last pair that is whole.
func hint(nodes []pair) string {
	for _, n := range slices.Backward(nodes) {
		if n.detectorPID != 0 && n.disseminatorPID != 0 {
			return fmt.Sprintf("kill -9 %d %d     (node %s)", n.detectorPID, n.disseminatorPID, n.id)
		}
	}
	return "no whole pair is left"
}
