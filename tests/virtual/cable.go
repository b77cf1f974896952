package virtual

import (
	"net"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"

	"github.com/swimpair/swim/proto/swim"
	"github.com/swimpair/swim/tests/sim/audit"
)

// Cut is a direction in which nothing passes, as behind a dead switch: connections stay, and
// what is written to them arrives when the cut has ended. The two halves of a node still
// hear each other.
type Cut struct {
	From, To swim.NodeID // empty: whoever it is
	Half     string      // detector or disseminator: to the port where it listens; empty: all
}

// hits reports whether the cut stops what goes from one process to another: to its port, or,
// if it has dialled, back to where it has dialled from.
func (c Cut) hits(from, to *port, back bool) bool {
	return (c.From == "" || c.From == from.owner) && (c.To == "" || c.To == to.owner) &&
		(c.Half == "" || !back && c.Half == to.half)
}

// Sever cuts a direction.
func (n *Net) Sever(c Cut) {
	for _, id := range c.touches() {
		n.observe(audit.Disturbed{Node: id})
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.cuts = append(n.cuts, c)
}

// Mend ends all cuts that touch a node.
func (n *Net) Mend(id swim.NodeID) {
	n.mu.Lock()
	var calmed []swim.NodeID
	n.cuts = slices.DeleteFunc(n.cuts, func(c Cut) bool {
		touched := c.From == id || c.To == id
		if touched {
			calmed = append(calmed, c.touches()...)
		}
		return touched
	})
	n.freed()
	n.mu.Unlock()
	for _, id := range calmed {
		n.observe(audit.Calmed{Node: id})
	}
}

// touches are the nodes that a cut names.
func (c Cut) touches() []swim.NodeID {
	return slices.DeleteFunc([]swim.NodeID{c.From, c.To}, func(id swim.NodeID) bool { return id == "" })
}

// Silence cuts a node off all others.
func (n *Net) Silence(id swim.NodeID) {
	n.Sever(Cut{From: id})
	n.Sever(Cut{To: id})
}

// Lift ends a Silence.
func (n *Net) Lift(id swim.NodeID) { n.Mend(id) }

// isSevered reports whether a cut is in the way. Programs that are no nodes have a way of
// their own.
func (n *Net) isSevered(from, to *port, back bool) bool {
	return from.owner != to.owner && from.owner != "" && to.owner != "" &&
		slices.ContainsFunc(n.cuts, func(c Cut) bool { return c.hits(from, to, back) })
}

// passes: what one process has written may reach the other.
func (n *Net) passes(from, to *port, back bool) bool {
	return !from.still && !to.still && !n.isSevered(from, to, back)
}

// connects: a dial may succeed. The kernel of a process that stands still takes it.
func (n *Net) connects(from, to *port) bool {
	return !from.still && !to.dark && !n.isSevered(from, to, false) && !n.isSevered(to, from, true)
}

// await waits until a way is free, and reports false if given up before.
func (n *Net) await(givenUp <-chan struct{}, free func() bool) bool {
	for {
		n.mu.Lock()
		yes, changed := free(), n.changed
		n.mu.Unlock()
		if yes {
			return true
		}
		select {
		case <-changed:
		case <-givenUp:
			return false
		}
	}
}

// freed has everybody who waits look again.
func (n *Net) freed() {
	close(n.changed)
	n.changed = make(chan struct{})
}

// cable is the dialler's end of a connection, which both directions pass.
type cable struct {
	net.Conn
	net      *Net
	from, to *port
	once     sync.Once
	closed   chan struct{}
	broken   atomic.Bool // the other side has died
}

// Write holds back what may not pass.
func (c *cable) Write(b []byte) (int, error) {
	if !c.net.await(c.closed, func() bool { return c.net.passes(c.from, c.to, false) }) {
		return 0, net.ErrClosed
	}
	return c.Conn.Write(b)
}

// Read holds back what has arrived and may not pass.
func (c *cable) Read(b []byte) (int, error) {
	count, err := c.Conn.Read(b)
	if !c.net.await(c.closed, func() bool { return c.net.passes(c.to, c.from, true) }) {
		return 0, net.ErrClosed
	}
	if err != nil && c.broken.Load() {
		err = syscall.ECONNRESET
	}
	return count, err
}

// breakOff is what the kernel of a process that has died does to the connection.
func (c *cable) breakOff() {
	c.broken.Store(true)
	_ = c.Close()
}

// Close ends both.
func (c *cable) Close() error {
	c.once.Do(func() { close(c.closed) })
	return c.Conn.Close()
}
