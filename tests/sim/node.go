package sim

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/swimpair/swim/detector/probe"
	"github.com/swimpair/swim/disseminator/membership"
	"github.com/swimpair/swim/proto/swim"
	"github.com/swimpair/swim/tests/sim/audit"
)

// Options of one node. The zero value is what the daemons default to.
type Options struct {
	Host      string         // default "127.0.0.1"
	Contacts  []int          // ids of static members
	Bootstrap []int          // ids of bootstrap nodes
	Clock     time.Duration  // how far its wall clock is ahead at first
	Formed    bool           // it is told of the others when it starts, as if it had joined
	Through   []swim.Address // disseminators to join through, besides Bootstrap
	Order     probe.Order    // default World.Order
	PortsOf   int            // the id whose ports it takes; default its own
	Forwarded bool           // its address is not one of its own host: somebody else may refuse there
	Named     bool           // it is known by a name, and its contacts to it (NameOf)
}

// Period is T' of every simulated node.
const Period = time.Second

// Node is one pair.
type Node struct {
	ID           swim.NodeID
	Name         swim.NodeID // what scripts, traces and the auditor call it (World.Node)
	Machine      Machine
	Detector     *Detector
	Disseminator *Disseminator
	world        *World
	options      Options
	link         link
}

// Seen is one change that a node's disseminator published.
type Seen struct {
	At time.Duration
	membership.Change
}

// DetectorAddress is the seed's port plan on one host.
func DetectorAddress(host string, id int) swim.Address {
	return swim.Address(fmt.Sprintf("%s:%d", host, 50050+id))
}

// DisseminatorAddress is the seed's port plan on one host.
func DisseminatorAddress(host string, id int) swim.Address {
	return swim.Address(fmt.Sprintf("%s:%d", host, 50060+id))
}

// Start starts a node: both halves, the disseminator first. A node with that id may have
// run before; its ports must be free.
func (w *World) Start(id int, o Options) *Node {
	n := w.Prepare(id, o)
	n.Disseminator.Start()
	n.Detector.Start()
	return n
}

// Prepare makes a node whose halves are started by hand.
func (w *World) Prepare(id int, o Options) *Node {
	if o.Host == "" {
		o.Host = "127.0.0.1"
	}
	if o.PortsOf == 0 {
		o.PortsOf = id
	}
	if o.Named {
		w.Network.Hosts[NameOf(id)] = o.Host
	}
	o.Order = cmp.Or(o.Order, w.Order, probe.Ring)
	n := &Node{ID: swim.NodeID(strconv.Itoa(id)), world: w, options: o, Machine: Machine{ClockAhead: o.Clock}}
	n.Name = w.freeName(n.ID)
	if w.Network.Loss > 0 && w.Node(n.Name) == nil {
		w.observe(audit.Disturbed{Node: n.Name})
	}
	n.Detector = newDetector(n, DetectorAddress(o.Host, o.PortsOf))
	n.Disseminator = newDisseminator(n, DisseminatorAddress(o.Host, o.PortsOf))
	w.Nodes, w.byName[n.Name] = append(w.Nodes, n), n
	for _, p := range []*process{&n.Detector.process, &n.Disseminator.process} {
		if w.hosts[p.address] == nil {
			w.hosts[p.address] = p
		}
	}
	return n
}

// freeName is a name that no running node has.
func (w *World) freeName(id swim.NodeID) swim.NodeID {
	for {
		if n := w.Node(id); n == nil || !n.Running() {
			return id
		}
		id += "'"
	}
}

// Form starts n nodes that know each other already, each on a host of its own: a cluster
// at rest, without the work of its forming.
func (w *World) Form(n int) { w.FormKnowing(n, nil) }

// FormKnowing is Form with tables that lack some rows: knows says whether a node holds
// another's, by their ids.
func (w *World) FormKnowing(n int, knows func(node, other swim.NodeID) bool) {
	for id := 1; id <= n; id++ {
		w.Prepare(id, Options{Host: HostOf(id), Formed: true}).Disseminator.Start()
	}
	w.Run(0) // now each waits for the answer to its Join
	var rows []swim.Member
	for _, node := range w.Nodes {
		self, _ := node.Disseminator.core.Row(node.ID)
		rows = append(rows, self)
	}
	slices.SortFunc(rows, func(a, b swim.Member) int { return cmp.Compare(a.ID, b.ID) }) // a table grows faster at its end
	for _, node := range w.Nodes {
		known := rows
		if knows != nil {
			known = slices.DeleteFunc(slices.Clone(rows), func(m swim.Member) bool { return !knows(node.ID, m.ID) })
		}
		node.Disseminator.know(known)
		node.Detector.Start()
	}
}

// NameOf is the name of a node's host.
func NameOf(id int) string { return fmt.Sprintf("node%d", id) }

// advertised is what the node tells others to dial.
func (n *Node) advertised(a swim.Address) swim.Address {
	if !n.options.Named {
		return a
	}
	id, _ := strconv.Atoi(string(n.ID))
	return swim.Address(NameOf(id)) + a[strings.LastIndexByte(string(a), ':'):]
}

// HostOf is the address of a node that has a host to itself.
func HostOf(id int) string { return fmt.Sprintf("10.%d.%d.%d", id>>16, id>>8&255, id&255) }

// Kill ends both halves at once (SIGKILL).
func (n *Node) Kill() {
	n.Detector.Kill()
	n.Disseminator.Kill()
}

// Stop asks both halves to stop in order (SIGTERM).
func (n *Node) Stop() {
	n.Detector.Stop()
	n.Disseminator.Stop()
}

// Pause and Resume both halves (SIGSTOP, SIGCONT).
func (n *Node) Pause() {
	n.Detector.Pause()
	n.Disseminator.Pause()
}

// Resume lets both halves go on.
func (n *Node) Resume() {
	n.Disseminator.Resume()
	n.Detector.Resume()
}

// Running reports whether a half of the node runs.
func (n *Node) Running() bool { return n.Detector.alive || n.Disseminator.alive }

// State is what this node says of a member; zero if it has no row of it.
func (n *Node) State(id swim.NodeID) swim.State { return n.Row(id).State }

// Row is this node's record of a member.
func (n *Node) Row(id swim.NodeID) swim.Member {
	row, _ := n.Disseminator.core.Row(id)
	if row.State == swim.Forgotten {
		return swim.Member{}
	}
	return row
}

// Members is this node's table, contacts excluded.
func (n *Node) Members() []swim.Member { return n.Disseminator.core.Snapshot().Members }

// Count is how many members this node holds in that state.
func (n *Node) Count(state swim.State) (count int) {
	for _, row := range n.Disseminator.core.Rows() {
		if row.State == state {
			count++
		}
	}
	return count
}

// Contacts is what this node has not met.
func (n *Node) Contacts() []swim.Member { return n.Disseminator.core.Contacts() }

// clock is what the node's cores see of the time.
func (n *Node) clock(started time.Duration) swim.Now {
	return swim.Now{Mono: n.mono() - started, Wall: n.world.wall.Add(n.world.now + n.Machine.ClockAhead)}
}

// mono is the clock of the machine that never steps.
func (n *Node) mono() time.Duration { return n.world.now - n.Machine.lost }

func (n *Node) newRand() *rand.Rand { return rand.New(rand.NewPCG(n.world.rng.Uint64(), 0)) }

func (n *Node) addresses(ids []int, address func(string, int) swim.Address) (all []swim.Address) {
	for _, id := range ids {
		host := "127.0.0.1"
		if n.options.Named {
			host = NameOf(id)
		}
		all = append(all, address(host, id))
	}
	return all
}

// link is the pair's own connection: WatchMembers one way, Attach the other. It is tried
// until both halves run.
type link struct{ up bool }

const (
	linkRetry   = 100 * time.Millisecond
	linkLatency = 100 * time.Microsecond
)

func (n *Node) connect() {
	d, s := n.Detector, n.Disseminator
	if !d.alive || n.link.up {
		return
	}
	if !s.alive || s.paused || d.paused {
		n.world.after(linkRetry, n.connect)
		return
	}
	n.link.up = true
	rows, contacts := s.core.Rows(), n.Contacts()
	n.world.after(linkLatency, func() {
		members := make([]swim.Member, 0, len(rows)+len(contacts)) // not sooner: many may start at once
		for _, row := range rows {
			members = append(members, *row)
		}
		d.deliver(probe.ViewReplaced{Members: append(members, contacts...)})
	})
}

// disconnect tells the other half, if it runs, and starts over.
func (n *Node) disconnect(why string) {
	if n.link.up {
		n.link.up = false
		n.world.after(linkLatency, func() { n.Disseminator.deliver(membership.DetectorDetached{Why: why}) })
		n.world.after(linkLatency, func() { n.Detector.deliver(probe.DisseminatorLost{Why: why}) })
	}
	n.world.after(linkRetry, n.connect)
}

// toDetector and toDisseminator carry messages over the link, in order.
func (n *Node) toDetector(in probe.Input) {
	if n.link.up {
		n.world.after(linkLatency, func() { n.Detector.deliver(in) })
	}
}

func (n *Node) toDisseminator(in membership.Input) {
	if n.link.up {
		n.world.after(linkLatency, func() { n.Disseminator.deliver(in) })
	}
}
