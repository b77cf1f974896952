package sim

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/swimpair/swim/disseminator/membership"
	"github.com/swimpair/swim/proto/swim"
	"github.com/swimpair/swim/tests/sim/audit"
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
//	                               failed (default), suspect, left; future, far: failed, with an
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
	case "kill", "stop", "pause", "resume", "suspend", "wake", "poweroff", "starve", "feed":
		for _, n := range w.named(args) {
			n.suffer(words[0], args)
		}
	case "clock":
		for _, n := range w.named(args) {
			n.Machine.ClockAhead = duration(args, 1)
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

func (w *World) startAll(n, known int, named bool) error {
	var ids []int
	for id := 1; id <= known; id++ {
		ids = append(ids, id)
		if named { // so that a look-up answers before its host is up
			w.Network.Hosts[NameOf(id)] = HostOf(id)
		}
	}
	for _, id := range ids[:n] {
		o := Options{Contacts: ids}
		if named {
			o.Host, o.Named = HostOf(id), true
		}
		w.Start(id, o)
		w.Run(300 * time.Millisecond)
	}
	if !w.RunUntil(20*time.Second, func() bool { return w.allSay("*", swim.Alive) }) {
		return badLine("they do not agree within 20 s")
	}
	return nil
}

func (w *World) startOne(args []string) {
	o := Options{}
	if i := slices.Index(args, "via"); i > 0 {
		w.via(&o, number(args, i+1))
	} else if w.Nodes[0].options.Host != "127.0.0.1" {
		o.Through = w.someDisseminators(nil, len(w.Nodes))
	} else {
		for _, n := range w.latest() {
			if at := n.options.PortsOf; !slices.Contains(o.Contacts, at) { // its own id's may be another's
				o.Contacts = append(o.Contacts, at)
			}
		}
	}
	w.place(&o, args[1:])
	w.startAt(number(args, 0), o)
}

// via has a node join through another, wherever that one is.
func (w *World) via(o *Options, id int) {
	if n := w.Node(swim.NodeID(strconv.Itoa(id))); n != nil {
		o.Through = append(o.Through, n.advertised(n.Disseminator.address))
	} else {
		o.Bootstrap = []int{id}
	}
}

// place reads where and how a node starts.
func (w *World) place(o *Options, args []string) {
	for i, what := range args {
		switch what {
		case "host":
			o.Host = word(args, i+1)
		case "at":
			old := w.named(args[i+1:])[0]
			o.Host, o.PortsOf = old.options.Host, old.options.PortsOf
		case "clock":
			o.Clock = duration(args, i+1)
		case "alone":
			o.Contacts = nil
		}
	}
}

// startAt starts a node, unless somebody listens there.
func (w *World) startAt(id int, o Options) {
	n := w.Prepare(id, o)
	for _, a := range []swim.Address{n.Detector.address, n.Disseminator.address} {
		if w.ports[a] != nil {
			panic(badLine(fmt.Sprintf("%s listens at %s", w.ports[a].name, a)))
		}
	}
	n.Disseminator.Start()
	n.Detector.Start()
}

// restart starts a node, or one half of it, again: what still runs of it is killed.
func (w *World) restart(args []string) {
	old := w.named(args)[0]
	if len(args) > 1 && (args[1] == "detector" || args[1] == "disseminator") {
		old.suffer("kill", args)
		if args[1] == "detector" {
			old.Detector.Start()
		} else {
			old.Disseminator.Start()
		}
		return
	}
	old.Kill()
	o := old.options
	if o.Formed { // the first time it was told of the others; now it has to find them
		o.Formed, o.Through = false, w.someDisseminators(old, 16)
	}
	w.place(&o, args[1:])
	id, _ := strconv.Atoi(string(old.ID))
	w.startAt(id, o)
}

// someDisseminators are the addresses of the first few nodes that run, but one.
func (w *World) someDisseminators(but *Node, count int) (addresses []swim.Address) {
	for _, n := range w.latest() {
		if n != but && n.Running() && len(addresses) < count {
			addresses = append(addresses, n.Disseminator.address)
		}
	}
	return addresses
}

// suffer is what happens to a node, or to one half of it.
func (n *Node) suffer(what string, args []string) {
	var halves []interface {
		Kill()
		Stop()
		Pause()
		Resume()
	}
	if !slices.Contains(args, "disseminator") {
		halves = append(halves, n.Detector)
	}
	if !slices.Contains(args, "detector") {
		halves = append(halves, n.Disseminator)
	}
	for _, h := range halves {
		switch what {
		case "kill":
			h.Kill()
		case "stop":
			h.Stop()
		case "pause":
			h.Pause()
		case "resume":
			h.Resume()
		}
	}
	switch what {
	case "suspend":
		n.Suspend()
	case "wake":
		n.Wake()
	case "poweroff":
		n.PowerOff()
	case "starve":
		n.Starve(Between(500*time.Millisecond, 2500*time.Millisecond))
	case "feed":
		n.Feed()
	}
}

func (w *World) cutLine(args []string) {
	from, to := w.named(args), w.named(args[min(2, len(args)):])
	port := ""
	if len(args) > 3 {
		port = args[3]
	}
	for _, a := range from {
		for _, b := range to {
			if a == b {
				continue
			}
			w.Sever(Cut{From: a.Name, To: b.Name, Port: port})
			if word(args, 1) == "<->" {
				w.Sever(Cut{From: b.Name, To: a.Name, Port: port})
			}
		}
	}
}

// partition cuts many ways at once.
func (w *World) partition(args []string) {
	all := w.latest()
	var apart func(i, j int) bool
	half := func(i int) bool { return i < len(all)/2 }
	switch word(args, 0) {
	case "halves":
		apart = func(i, j int) bool { return half(i) != half(j) }
	case "one":
		one := w.named(args[1:])[0]
		apart = func(i, j int) bool { return (all[i] == one) != (all[j] == one) }
	case "ring":
		apart = func(i, j int) bool { return (i-j+len(all))%len(all) > 1 && (j-i+len(all))%len(all) > 1 }
	case "bridge":
		bridge := w.named(args[1:])[0]
		apart = func(i, j int) bool { return half(i) != half(j) && all[i] != bridge && all[j] != bridge }
	default:
		panic(badLine("there is no such partition: " + args[0]))
	}
	for i, a := range all {
		for j, b := range all {
			if apart(i, j) {
				w.Sever(Cut{From: a.Name, To: b.Name})
			}
		}
	}
}

func (w *World) mend(args []string) {
	if len(args) == 0 {
		args = []string{"*"}
	}
	for _, n := range w.named(args) {
		w.Mend(n.Name)
	}
}

func (w *World) loseLine(args []string) {
	share := percent(args, 1)
	ingress, egress := share, share
	switch way := append(args, "")[2]; way {
	case "":
	case "in":
		egress = 0
	case "out":
		ingress = 0
	default:
		panic(badLine("in or out, not " + way))
	}
	for _, n := range w.named(args) {
		w.Lose(n.Name, ingress, egress)
	}
}

// disturbAll sets something that harms every node, or ends it.
func (w *World) disturbAll(what *float64, value float64) {
	for _, n := range w.latest() {
		if *what == 0 && value > 0 {
			w.observe(audit.Disturbed{Node: n.Name})
		}
		if *what > 0 && value == 0 {
			w.observe(audit.Calmed{Node: n.Name})
		}
	}
	*what = value
}

func (w *World) operate(what string, args []string) {
	at := w.named(args)[0]
	at.Disseminator.Ask(func(call membership.Call) membership.Input {
		if what == "leave" {
			w.observe(audit.AskedToStop{Node: at.Name})
			return membership.LeaveRequested{Call: call}
		}
		return membership.ForgetRequested{Call: call, ID: swim.NodeID(word(args, 1))}
	})
}

// lie pushes to every other node, in the liar's name, what is not so of a member.
func (w *World) lie(liar *Node, about swim.NodeID, what string) {
	claim, known := liar.falsehood(about, what)
	if !known {
		return // nobody can lie about whom it does not know
	}
	w.observe(audit.Lied{Claim: claim})
	for _, n := range w.latest() {
		if n != liar && n.ID != about && !w.lost(liar.Name, n.Name) {
			n.Disseminator.deliver(membership.NewsReceived{
				Call: n.Disseminator.remember(func(any) {}), Sender: liar.ID, Members: []swim.Member{claim},
			})
		}
	}
}

// falsehood is a record of a member, as a liar makes it up.
func (n *Node) falsehood(about swim.NodeID, what string) (claim swim.Member, known bool) {
	claim = n.Row(about)
	known = claim.ID != ""
	if what != "ghost" && what != "old" {
		claim.State, claim.Reason, claim.Accuser = swim.Failed, swim.Unreachable, n.ID
	}
	switch what {
	case "failed":
	case "suspect":
		claim.State = swim.Suspect
	case "left":
		claim.State, claim.Reason, claim.Accuser = swim.Left, swim.SaidGoodbye, ""
	case "future":
		claim.Incarnation += swim.MaxIncarnationJump / 2
	case "far":
		claim.Incarnation = swim.MaxIncarnation
	case "old":
		i := slices.IndexFunc(n.Disseminator.History, func(s Seen) bool { return s.Member.ID == about })
		if known = i >= 0; known {
			claim = n.Disseminator.History[i].Member
		}
	case "ghost":
		known = !known && n.world.Node(about) == nil
		claim = n.Row(n.ID)
		claim.ID, claim.Instance = about, 1
		claim.DetectorAddress, claim.DisseminatorAddress = "10.255.0.1:50051", "10.255.0.1:50061"
	default:
		panic(badLine("nobody tells such a lie: " + what))
	}
	return claim, known
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
