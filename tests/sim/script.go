package sim

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/swimpair/swim/proto/swim"
)

// A script is a scenario that a person can read: one line per step.
//
//	nodes 5                        five nodes, each with all in MEMBERS, until they agree
//	nodes 5 of 6                   the same, and MEMBERS names a sixth that is not there
//	named 5                        the same, with names for hosts: MEMBERS=node1:50051,...
//	formed 100                     a hundred that know each other already, a host each
//	start 6 via 1                  one more, through a bootstrap node; without via: MEMBERS,
//	                               or, if each has a host of its own, through all
//	start 6 at 3                   at the address that node 3 had
//	start 3 host H                 while node 3 runs: a second process with its id, called 3'
//	crowd 64 via 1                 so many at once, with ids from 101, a host each
//	restart 3 [detector] [host H] [at 4] [clock -1h] [alone]    alone: without MEMBERS
//	run 3s                         time passes
//	kill 3 [detector]              SIGKILL of both halves, or of one
//	stop 3 [disseminator]          SIGTERM
//	pause 3 [half], resume 3 [half]    SIGSTOP and SIGCONT
//	suspend 3, wake 3              the whole virtual machine
//	poweroff 3                     the host is gone, and refuses nobody
//	starve 3, feed 3               everything reaches it 0.5 to 2.5 s late
//	reset 3                        all connections to its detector are closed, and it lives
//	refuse 1 -> 3                  something between them closes and refuses in the name of 3
//	reject 3, admit 3              a rule at its host refuses new connections
//	forward 3                      it does not say any more that its address is its own; restart it
//	clock 3 -1h                    its wall clock is set
//	cut 1,2 <-> 3,4 [port]         nothing passes; -> for one direction; * for all others
//	partition halves               from each other
//	partition one 3                from all others
//	partition ring                 each node sees the one before and the one after it
//	partition bridge 3             two halves, which only node 3 sees both of
//	mend, mend 3                   no cut any more, or none that touches a node
//	loss 10%, duplicate 5%         of all messages; of all requests
//	lose 3 80% [in|out]            of what comes to node 3, of what it sends, or of both
//	reorder 10% 100ms              so many messages take up to that much longer: others overtake
//	latency 2ms 10                 heavy tail: the median, and how far above it 1 % are
//	leave 2, forget 1 3            an operator's requests
//	lie 4 about 2 [what]           node 4's disseminator pushes to all others but node 2, of it:
//	                               failed (default), crashed, suspect, left; future, far: failed, with an
//	                               incarnation that could be, that cannot be; old: its first row;
//	                               ghost: node 2 is not there at all, and said to be alive
//	expect 10s: all say 3 failed   within that time, all who run, but 3 itself
//	never: 2 failed                nobody has ever said so
//
// An empty line and what follows a # mean nothing.

// Play runs a script. The error names the line and what is wrong with it, or what was
// expected and is not so.
func (w *World) Play(script string) error {
	for i, line := range strings.Split(script, "\n") {
		line, _, _ = strings.Cut(line, "#")
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		w.log("script", "%s", line)
		if err := w.play(strings.Fields(line)); err != nil {
			return fmt.Errorf("line %d, %q: %w", i+1, line, err)
		}
	}
	return nil
}

// play runs one line. A word that is missing makes it wrong, not the program.
func (w *World) play(words []string) (err error) {
	defer func() {
		if fault := recover(); fault != nil {
			if bad, ok := fault.(badLine); ok {
				err = bad
				return
			}
			panic(fault)
		}
	}()
	args := words[1:]
	switch words[0] {
	case "nodes", "named":
		known := number(args, 0)
		if len(args) > 2 {
			known = number(args, 2)
		}
		return w.startAll(number(args, 0), known, words[0] == "named")
	case "formed":
		w.Form(number(args, 0))
	case "start":
		w.startOne(args)
	case "crowd":
		for id := 101; id <= 100+number(args, 0); id++ {
			o := Options{Host: HostOf(id)}
			w.via(&o, number(args, 2))
			w.Start(id, o)
		}
	case "restart":
		w.restart(args)
	case "run":
		w.Run(duration(args, 0))
	case "kill", "stop", "pause", "resume", "suspend", "wake", "poweroff", "starve", "feed",
		"reset", "reject", "admit", "forward":
		for _, n := range w.named(args) {
			n.suffer(words[0], args)
		}
	case "clock":
		for _, n := range w.named(args) {
			n.Machine.ClockAhead = duration(args, 1)
		}
	case "refuse":
		for _, to := range w.named(args[2:]) {
			w.Refuse(w.named(args)[0], to)
		}
	case "cut":
		w.cutLine(args)
	case "partition":
		w.partition(args)
	case "mend":
		w.mend(args)
	case "loss":
		w.disturbAll(&w.Network.Loss, percent(args, 0))
	case "lose":
		w.loseLine(args)
	case "duplicate":
		w.Network.Duplicate = percent(args, 0)
	case "reorder":
		w.Network.Reorder = percent(args, 0)
		if w.Network.Reorder > 0 {
			w.Network.Detour = Between(0, duration(args, 1))
		}
	case "latency":
		w.Network.Latency = HeavyTail(duration(args, 0), float64(number(args, 1)))
	case "leave", "forget":
		w.operate(words[0], args)
	case "lie":
		w.lie(w.named(args)[0], swim.NodeID(word(args, 2)), append(args, "failed")[3])
	case "expect":
		return w.expect(duration([]string{strings.TrimSuffix(word(args, 0), ":")}, 0), args[1:])
	case "never:":
		return w.never(args)
	default:
		return badLine("there is no such step")
	}
	return nil
}

type badLine string

func (b badLine) Error() string { return string(b) }

func word(args []string, i int) string {
	if i >= len(args) {
		panic(badLine("a word is missing"))
	}
	return args[i]
}

func number(args []string, i int) int {
	n, err := strconv.Atoi(word(args, i))
	if err != nil {
		panic(badLine(word(args, i) + " is no number"))
	}
	return n
}

func duration(args []string, i int) time.Duration {
	d, err := time.ParseDuration(word(args, i))
	if err != nil {
		panic(badLine(word(args, i) + " is no duration"))
	}
	return d
}

func percent(args []string, i int) float64 {
	p, err := strconv.ParseFloat(strings.TrimSuffix(word(args, i), "%"), 64)
	if err != nil || p < 0 || p > 100 {
		panic(badLine(word(args, i) + " is no percentage"))
	}
	return p / 100
}

// named are the nodes of a list: "3", "1,2", or "*" for all.
func (w *World) named(args []string) (nodes []*Node) {
	if word(args, 0) == "*" {
		return w.latest()
	}
	for _, id := range strings.Split(word(args, 0), ",") {
		n := w.Node(swim.NodeID(id))
		if n == nil {
			panic(badLine("there is no node " + id))
		}
		nodes = append(nodes, n)
	}
	return nodes
}

// latest are the nodes, each as it was started last.
func (w *World) latest() (nodes []*Node) {
	for _, n := range w.Nodes {
		if w.Node(n.Name) == n {
			nodes = append(nodes, n)
		}
	}
	return nodes
}

var states = map[string]swim.State{
	"alive": swim.Alive, "suspect": swim.Suspect, "failed": swim.Failed, "left": swim.Left, "unknown": 0,
}

// expect waits until all say so: "all say 3 failed", "all say * alive".
func (w *World) expect(limit time.Duration, args []string) error {
	state, known := states[word(args, 3)]
	if !known || args[0] != "all" || args[1] != "say" {
		return badLine("say it as: expect 10s: all say 3 failed")
	}
	if !w.RunUntil(limit, func() bool { return w.allSay(args[2], state) }) {
		return badLine("it is not so:\n" + w.tables())
	}
	return nil
}

func (w *World) allSay(ids string, state swim.State) bool {
	for _, subject := range w.named([]string{ids}) {
		if ids == "*" && !subject.Running() {
			continue
		}
		for _, n := range w.latest() {
			if n.Disseminator.alive && n.ID != subject.ID && n.State(subject.ID) != state {
				return false
			}
		}
	}
	return true
}

// never: nobody has published that state of that node.
func (w *World) never(args []string) error {
	state, known := states[word(args, 1)]
	if !known {
		return badLine("say it as: never: 3 failed")
	}
	for _, n := range w.Nodes {
		for _, seen := range n.Disseminator.History {
			if string(seen.Member.ID) == args[0] && seen.Member.State == state {
				return badLine(fmt.Sprintf("at %s node %s said so (%s)", seen.At, n.ID, seen.Member.Reason))
			}
		}
	}
	return nil
}

func (w *World) tables() string {
	var b strings.Builder
	for _, n := range w.latest() {
		if n.Disseminator.alive {
			fmt.Fprintf(&b, "%s:", n.Name)
			for _, m := range n.Members() {
				fmt.Fprintf(&b, " %s=%s@%d(%s)", m.ID, m.State, m.Incarnation, m.Reason)
			}
			fmt.Fprintln(&b)
		}
	}
	return b.String()
}
