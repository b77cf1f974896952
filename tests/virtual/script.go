package virtual

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing/synctest"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/swimpair/swim/proto/swim"
	"github.com/swimpair/swim/proto/swimpb"
	"github.com/swimpair/swim/proto/wire"
	"github.com/swimpair/swim/tests/sim/audit"
)

// steps are the words of a script that real services can follow. They mean what they mean
// in the simulator (tests/sim/script.go has the list), so one text can be played to both.
var steps = map[string]func(*Net, []string){
	"nodes":    (*Net).startAll,
	"start":    (*Net).startOne,
	"crowd":    (*Net).crowd,
	"restart":  (*Net).restart,
	"run":      func(n *Net, args []string) { time.Sleep(n.duration(args, 0)) },
	"kill":     each((*Half).Kill),
	"stop":     each(func(h *Half) { go func() { _ = h.Stop() }() }),
	"pause":    each((*Half).Pause),
	"resume":   each((*Half).Resume),
	"poweroff": each((*Half).PowerOff),
	"cut":      (*Net).cut,
	"mend":     (*Net).mend,
	"leave":    (*Net).leave,
	"forget":   (*Net).forget,
	"lie":      (*Net).lie,
	"expect":   (*Net).expect,
	"never:":   (*Net).never,
}

// special are words of steps that have no meaning here: addresses and ids that are given to
// somebody else, and lies that liar_test.go tells in its own way.
var special = []string{"of", "at", "alone", "suspect", "crashed", "left", "future", "far", "old", "ghost"}

// follows reports whether real services can follow a step.
func follows(line []string) bool {
	_, known := steps[line[0]]
	second := line[0] == "start" && slices.Contains(line, "host") || strings.Contains(line[min(1, len(line)-1)], "'")
	odd := line[0] != "expect" && line[0] != "never:" && slices.ContainsFunc(line[1:], func(w string) bool { return slices.Contains(special, w) })
	return known && !second && !odd
}

// Foreign returns the first step of a script that real services cannot follow.
func Foreign(script string) (step string, found bool) {
	for _, line := range stepsOf(script) {
		if !follows(line) {
			return strings.Join(line, " "), true
		}
	}
	return "", false
}

// Without leaves the steps out that real services cannot follow.
func Without(script string) (rest string) {
	for _, line := range stepsOf(script) {
		if follows(line) {
			rest += strings.Join(line, " ") + "\n"
		}
	}
	return rest
}

// Play plays a script to real services. What is expected and is not so fails the test.
func (n *Net) Play(script string) {
	n.t.Helper()
	for _, line := range stepsOf(script) {
		n.line = strings.Join(line, " ")
		step, known := steps[line[0]]
		if !known {
			n.fail("there is no such step")
		}
		synctest.Wait() // what happens in this instant, happens before
		step(n, line[1:])
	}
}

// stepsOf are the lines of a script, without comments, as words.
func stepsOf(script string) (lines [][]string) {
	for line := range strings.Lines(script) {
		line, _, _ = strings.Cut(line, "#")
		if words := strings.Fields(line); len(words) > 0 {
			lines = append(lines, words)
		}
	}
	return lines
}

func (n *Net) fail(format string, args ...any) {
	n.t.Helper()
	n.t.Fatalf("%q: %s\nthe tables:\n%sthe story:\n%s", n.line, fmt.Sprintf(format, args...), n.tables(), n.Story())
}

func (n *Net) word(args []string, i int) string {
	if i >= len(args) {
		n.fail("a word is missing")
	}
	return args[i]
}

func (n *Net) number(args []string, i int) int {
	number, err := strconv.Atoi(n.word(args, i))
	if err != nil {
		n.fail("%v", err)
	}
	return number
}

func (n *Net) duration(args []string, i int) time.Duration {
	d, err := time.ParseDuration(n.word(args, i))
	if err != nil {
		n.fail("%v", err)
	}
	return d
}

// named are the nodes of a list: "3", "1,2", or "*" for all.
func (n *Net) named(list string) (nodes []*Node) {
	if list == "*" {
		return n.latest()
	}
	for id := range strings.SplitSeq(list, ",") {
		i := slices.IndexFunc(n.latest(), func(node *Node) bool { return string(node.ID) == id })
		if i < 0 {
			n.fail("there is no node %s", id)
		}
		nodes = append(nodes, n.latest()[i])
	}
	return nodes
}

// latest are the nodes, each as it was started last.
func (n *Net) latest() (nodes []*Node) {
	for i, node := range n.nodes {
		if !slices.ContainsFunc(n.nodes[i+1:], func(later *Node) bool { return later.ID == node.ID }) {
			nodes = append(nodes, node)
		}
	}
	return nodes
}

// startWatched starts a node and what hears what it says.
func (n *Net) startWatched(id int, o Options) { n.follow(n.Start(id, o)) }

func (n *Net) startAll(args []string) {
	var ids []int
	for id := range n.number(args, 0) {
		ids = append(ids, id+1)
	}
	for _, id := range ids {
		n.startWatched(id, Options{Members: ids})
		time.Sleep(300 * time.Millisecond)
	}
	n.expect([]string{"20s:", "all", "say", "*", "alive"})
}

func (n *Net) startOne(args []string) {
	o := Options{}
	if slices.Contains(args, "via") {
		o.Bootstrap = []int{n.number(args, 2)}
	} else {
		for _, node := range n.latest() {
			o.Members = append(o.Members, n.number([]string{string(node.ID)}, 0))
		}
	}
	n.startWatched(n.number(args, 0), o)
}

func (n *Net) crowd(args []string) {
	for i := range n.number(args, 0) {
		id := 101 + i
		n.startWatched(id, Options{Host: fmt.Sprintf("127.0.1.%d", id), Bootstrap: []int{n.number(args, 2)}})
	}
}

// restart starts a node, or one half of it, again: what still runs of it is killed.
func (n *Net) restart(args []string) {
	node, id := n.named(n.word(args, 0))[0], n.number(args, 0)
	switch {
	case slices.Contains(args, "detector"):
		node.Detector.Kill()
		node.StartDetector(id, node.options)
	case slices.Contains(args, "disseminator"):
		node.Disseminator.Kill()
		node.StartDisseminator(id, node.options)
		n.follow(node)
	default:
		node.Kill()
		o := node.options
		for i := 1; i < len(args); i += 2 {
			switch args[i] {
			case "host":
				o.Host = n.word(args, i+1)
			case "clock":
				o.Clock = n.duration(args, i+1)
			}
		}
		n.startWatched(id, o)
	}
}

// each is a step that does something to both halves of nodes, or to one.
func each(do func(*Half)) func(*Net, []string) {
	return func(n *Net, args []string) {
		for _, node := range n.named(n.word(args, 0)) {
			for _, h := range node.halves() {
				if len(args) == 1 || args[1] == h.port.half {
					do(h)
				}
			}
		}
	}
}

func (n *Net) cut(args []string) {
	half := ""
	if len(args) > 3 {
		half = args[3]
	}
	for _, a := range n.named(n.word(args, 0)) {
		for _, b := range n.named(n.word(args, 2)) {
			n.Sever(Cut{From: a.ID, To: b.ID, Half: half})
			if args[1] == "<->" {
				n.Sever(Cut{From: b.ID, To: a.ID, Half: half})
			}
		}
	}
}

func (n *Net) mend(args []string) {
	if len(args) == 0 {
		args = []string{"*"}
	}
	for _, node := range n.named(args[0]) {
		n.Mend(node.ID)
	}
}

func (n *Net) leave(args []string) {
	node := n.named(n.word(args, 0))[0]
	n.observe(audit.AskedToStop{Node: node.ID})
	conn := n.Client(node.DisseminatorAddress)
	defer conn.Close()
	if _, err := swimpb.NewMembershipClient(conn).Leave(context.Background(), &swimpb.LeaveRequest{}); err != nil {
		n.fail("%v", err)
	}
}

func (n *Net) forget(args []string) {
	conn := n.Client(n.named(n.word(args, 0))[0].DisseminatorAddress)
	defer conn.Close()
	request := &swimpb.ForgetRequest{MemberId: n.word(args, 1)}
	if _, err := swimpb.NewMembershipClient(conn).Forget(context.Background(), request); err != nil {
		n.fail("%v", err)
	}
}

// lie pushes to every other node that a member has failed, in the liar's name. Who does not
// run, or stands still, does not hear it.
func (n *Net) lie(args []string) {
	liar, about := n.named(n.word(args, 0))[0], swim.NodeID(n.word(args, 2))
	claim := liar.viewed(about)
	if claim.ID == "" {
		return // nobody can lie about whom it does not know
	}
	claim.State, claim.Reason, claim.Accuser = swim.Failed, swim.Unreachable, liar.ID
	for _, node := range n.latest() {
		if node != liar && node.ID != about {
			go func() {
				_, err := n.Push(liar, node, claim)
				if code := status.Code(err); err != nil && code != codes.Unavailable && code != codes.DeadlineExceeded {
					n.t.Errorf("node %s is told a lie: %v", node.ID, err)
				}
			}()
		}
	}
}

// Push sends rows to a node as the disseminator of another would, and returns the answer.
func (n *Net) Push(from, to *Node, rows ...swim.Member) (wire.DisseminationAnswer, error) {
	conn := n.Client(to.DisseminatorAddress)
	defer conn.Close()
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	ctx = metadata.AppendToOutgoingContext(ctx,
		"swim-cluster", "swim", "swim-component", "Dissemination", "swim-node", string(from.ID))
	push := wire.Dissemination{Sender: from.ID, Members: rows}
	sent, err := swimpb.NewDisseminationClient(conn).Disseminate(ctx, push.Proto())
	if err != nil {
		return wire.DisseminationAnswer{}, err
	}
	return wire.ParseDisseminationAnswer(sent)
}

var states = map[string]swim.State{
	"alive": swim.Alive, "suspect": swim.Suspect, "failed": swim.Failed, "left": swim.Left, "unknown": 0,
}

// expect waits until all say so: "10s: all say 3 failed", "0s: all say * alive".
func (n *Net) expect(args []string) {
	limit := n.duration([]string{strings.TrimSuffix(n.word(args, 0), ":")}, 0)
	state, known := states[n.word(args, 4)]
	if !known || args[1] != "all" || args[2] != "say" {
		n.fail("say it as: expect 10s: all say 3 failed")
	}
	for start := time.Now(); ; time.Sleep(5 * time.Millisecond) {
		synctest.Wait()
		if n.allSay(args[3], state) {
			return
		}
		if time.Since(start) >= limit {
			n.fail("it is not so")
		}
	}
}

// allSay: all who run say so, but each for the others only.
func (n *Net) allSay(ids string, state swim.State) bool {
	for _, subject := range n.named(ids) {
		if ids == "*" && !slices.ContainsFunc(subject.halves(), (*Half).Runs) {
			continue
		}
		for _, node := range n.latest() {
			if node != subject && node.Disseminator.Runs() && node.viewed(subject.ID).State != state {
				return false
			}
		}
	}
	return true
}

// never: nobody has told a watcher so.
func (n *Net) never(args []string) {
	state, known := states[n.word(args, 1)]
	if !known {
		n.fail("say it as: never: 3 failed")
	}
	if at, said, ever := n.everTold(swim.NodeID(args[0]), state); ever {
		n.fail("at %s node %s said so (%s)", at.Format("04:05.000"), said.Observer, said.Member.Reason)
	}
}
