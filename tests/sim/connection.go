package sim

import (
	"slices"
	"time"

	"github.com/swimpair/swim/detector/probe"
	"github.com/swimpair/swim/proto/swim"
)

// idleConnections is how many connections of a detector stay open besides those that its core
// keeps, as in the service.
const idleConnections = 8

// connection is one that a detector has opened to another, by a ping that was answered.
type connection struct {
	number  probe.ConnectionNumber
	address swim.Address
	to      *process
	kept    bool
}

// connection returns the number of the one to a process, which is opened if there is none,
// and closes the one that was unused for longest if there are too many.
func (d *Detector) connection(address swim.Address, to *process) probe.ConnectionNumber {
	i := slices.IndexFunc(d.connections, func(c *connection) bool { return c.address == address })
	c := &connection{address: address, kept: d.keeps[address]}
	if i >= 0 {
		c = d.connections[i]
		d.connections = slices.Delete(d.connections, i, i+1)
	}
	if c.to != to {
		d.world.connections++
		c.to, c.number = to, d.world.connections
	}
	d.connections = append(d.connections, c)
	d.closeIdle()
	return c.number
}

func (d *Detector) closeIdle() {
	idle := 0
	for i := len(d.connections) - 1; i >= 0; i-- {
		if d.connections[i].kept {
			continue
		}
		if idle++; idle > idleConnections {
			d.connections = slices.Delete(d.connections, i, i+1)
		}
	}
}

// keep and letGo say which connections stay open.
func (d *Detector) keep(address swim.Address, kept bool) {
	d.keeps[address] = kept
	for _, c := range d.connections {
		if c.address == address {
			c.kept = kept
		}
	}
	d.closeIdle()
}

// breakConnections is the kernel of a process that has died: it closes what others had opened
// to it. A host that is off closes nothing, and a cut is in the way.
func (w *World) breakConnections(dead *process) {
	for _, n := range w.Nodes {
		n.Detector.breakConnection(dead, func() bool {
			return !w.dark[dead.address] && !w.lost(dead.node.Name, n.Name)
		})
	}
}

// breakConnection ends the one to a process, if there is one. Whether the end is heard is known
// when it has had its way.
func (d *Detector) breakConnection(to *process, heard func() bool) {
	i := slices.IndexFunc(d.connections, func(c *connection) bool { return c.to == to })
	if i < 0 {
		return
	}
	number := d.connections[i].number
	d.connections = slices.Delete(d.connections, i, i+1)
	d.world.after(d.world.latency(), func() {
		if heard() {
			d.node.handle(func() { d.deliver(probe.ConnectionClosed{Connection: number, ByPeer: true}) })
		}
	})
}

// Refuse has something on the way from a node to another close the connections, and refuse new
// ones, until Mend.
func (w *World) Refuse(from, to *Node) {
	if w.Network.refusals == nil {
		w.Network.refusals = map[Cut]bool{}
	}
	w.Network.refusals[Cut{From: from.Name, To: to.Name}] = true
	from.Detector.breakConnection(&to.Detector.process, func() bool { return true })
}

// refused reports whether a connection is refused though its process listens.
func (w *World) refused(from, to *process) bool {
	return to.node.Machine.Rejects || w.Network.refusals[Cut{From: from.node.Name, To: to.node.Name}]
}

// knock asks the kernel of the host at an address whether it takes connections. It does so for
// a process that is paused, too.
func (w *World) knock(from *process, to swim.Address, timeout time.Duration, ended func(swim.Evidence)) {
	to = w.Network.lookUp(to)
	over := false
	end := func(evidence swim.Evidence) {
		if !over {
			over = true
			from.node.handle(func() { ended(evidence) })
		}
	}
	w.after(timeout, func() { end(swim.Silent) })
	w.after(w.latency(), func() {
		evidence, target := swim.None, w.ports[to]
		switch {
		case target == nil && w.dark[to], target == nil && w.unreachable(from.node.Name, to):
			return
		case target == nil:
			evidence = swim.Refused
		case w.refused(from, target):
			evidence = swim.Refused
		case w.requestLost(from, target), w.answerLost(target, from):
			return
		}
		w.after(w.latency(), func() { end(evidence) })
	})
}
