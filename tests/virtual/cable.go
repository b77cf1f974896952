package virtual

import (
	"net"
	"sync"

	"github.com/swimpair/swim/proto/swim"
)

// Silence cuts a node off the others as a dead switch would: connections stay, and nothing
// comes through. Its two halves still hear each other.
func (n *Net) Silence(id swim.NodeID) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.silent[id] = true
}

// Lift ends a Silence: what was on its way arrives.
func (n *Net) Lift(id swim.NodeID) {
	n.mu.Lock()
	defer n.mu.Unlock()
	delete(n.silent, id)
	close(n.lifted)
	n.lifted = make(chan struct{})
}

// await waits until the way between two nodes is free, and reports false if given up
// before.
func (n *Net) await(from, to swim.NodeID, givenUp <-chan struct{}) bool {
	for {
		n.mu.Lock()
		free := from == to || (!n.silent[from] && !n.silent[to])
		lifted := n.lifted
		n.mu.Unlock()
		if free {
			return true
		}
		select {
		case <-lifted:
		case <-givenUp:
			return false
		}
	}
}

// cable is the dialler's end of a connection, which both directions pass.
type cable struct {
	net.Conn
	net      *Net
	from, to swim.NodeID
	once     sync.Once
	closed   chan struct{}
}

// Write holds back what may not pass.
func (c *cable) Write(b []byte) (int, error) {
	if !c.net.await(c.from, c.to, c.closed) {
		return 0, net.ErrClosed
	}
	return c.Conn.Write(b)
}

// Read holds back what has arrived and may not pass.
func (c *cable) Read(b []byte) (int, error) {
	count, err := c.Conn.Read(b)
	if !c.net.await(c.from, c.to, c.closed) {
		return 0, net.ErrClosed
	}
	return count, err
}

// Close ends both.
func (c *cable) Close() error {
	c.once.Do(func() { close(c.closed) })
	return c.Conn.Close()
}
