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
	s.draw(s.frame(pairsOf(c), c.Views(), now, height-1), width)
}

// pair is one of our nodes; a pid is 0 when the process has ended.
type pair struct {
	id                           swim.NodeID
	detectorPID, disseminatorPID int
}

func (p pair) whole() bool { return p.detectorPID != 0 && p.disseminatorPID != 0 }
func (p pair) ended() bool { return p.detectorPID == 0 && p.disseminatorPID == 0 }

func pairsOf(c *cluster.Cluster) []pair {
	var nodes []pair
	for _, n := range c.Nodes() {
		nodes = append(nodes, pair{n.Name(), n.Detector.PID(), n.Disseminator.PID()})
	}
	return nodes
}

// running counts our processes that have not ended.
func running(nodes []pair) int {
	count := 0
	for _, n := range nodes {
		for _, pid := range []int{n.detectorPID, n.disseminatorPID} {
			if pid != 0 {
				count++
			}
		}
	}
	return count
}

// frame puts the parts together; the events get the lines that are left.
func (s *screen) frame(nodes []pair, views cluster.Views, now time.Time, height int) []string {
	frame := append([]string{
		fmt.Sprintf("%d of %d processes run (%d pairs). Ctrl-C stops them. Logs: %s",
			running(nodes), 2*len(nodes), len(nodes), s.logDir), "",
	}, tableOf(nodes, views, now)...)
	foot := append([]string{""}, s.hints(nodes, views, now)...)
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
		rest := "\x1b[K" // clear the rest of the line
		if runes := []rune(line); len(runes) >= width {
			line = string(runes[:width]) // a line that wraps would count as two
			rest = ""                    // it would clear the last column
		}
		if s.colour {
			line = colours.Replace(line)
		}
		buf.WriteString(line + rest + "\n")
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
// Its words are short, because it has to fit 80 columns while every node suspects another
// and an address stands among the ids.
func tableOf(nodes []pair, views cluster.Views, now time.Time) []string {
	pids := map[string]string{}
	rows := map[string]bool{}
	heads := []string{"MEMBER", "DET PID", "DISS PID"}
	for _, n := range nodes {
		key := string(n.id)
		rows[key] = true
		alive := cell(views[n.id], key, now) == swim.Alive.String()
		pids[key] = pidText(n.detectorPID, alive) + "\t" + pidText(n.disseminatorPID, alive)
		heads = append(heads, "BY "+key)
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

// pidText is the pid of one of our processes. When it has ended while its node says of
// itself that it is alive, somebody has started the node again.
func pidText(pid int, alive bool) string {
	switch {
	case pid != 0:
		return strconv.Itoa(pid)
	case alive:
		return "not ours"
	}
	return "ended"
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

// hints are the commands to try, ready to be copied: nothing but the command stands behind
// the label, for not every shell knows comments at its prompt.
func (s *screen) hints(nodes []pair, views cluster.Views, now time.Time) []string {
	asked, start := nodes[0].id, swim.NodeID(strconv.Itoa(len(nodes)+1))
	kill := "No pair of ours is whole any more."
	for _, n := range slices.Backward(nodes) {
		if n.disseminatorPID != 0 {
			asked = n.id
		}
		if n.ended() && cell(views[n.id], string(n.id), now) == "-" {
			start = n.id // nobody has started it again
		}
	}
	for _, n := range nodes {
		if n.whole() {
			kill = fmt.Sprintf("Kill node %s:   kill -9 %d %d", n.id, n.detectorPID, n.disseminatorPID)
		}
	}
	port := "5006" + string(asked)
	return []string{
		kill,
		fmt.Sprintf("Ask node %s:    %s/swimctl members --addr 127.0.0.1:%s", asked, s.binDir, port),
		fmt.Sprintf("Start node %s:  (export NODE_ID=%s BOOTSTRAP_ADDRESS=localhost:%s", start, start, port),
		fmt.Sprintf("               %[1]s/disseminator & %[1]s/detector; wait)", s.binDir),
	}
}
