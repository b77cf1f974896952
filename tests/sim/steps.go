// What the steps of a script do (script.go is their language).

package sim

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/swimpair/swim/disseminator/membership"
	"github.com/swimpair/swim/proto/swim"
	"github.com/swimpair/swim/tests/sim/audit"
)

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
	case "reset":
		n.world.breakConnections(&n.Detector.process)
	case "reject", "admit":
		n.Machine.Rejects = what == "reject"
	case "forward":
		n.options.Forwarded = true
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
	case "crashed":
		claim.Reason = swim.Crashed
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
