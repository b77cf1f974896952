package virtual

import (
	"context"
	"net"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"

	"google.golang.org/grpc/test/bufconn"

	"github.com/swimpair/swim/proto/swim"
)

// Net is a network without a kernel: addresses lead to in-memory listeners, and nobody
// listening means a refused connection.
type Net struct {
	t       *testing.T
	mu      sync.Mutex
	ports   map[swim.Address]*port
	nodes   []*Node
	halves  []*Half // all that were ever started
	cuts    []Cut
	changed chan struct{} // closed, and replaced, when a way becomes free
	line    string        // of the script that is played
	facts   []fact        // what happened to the nodes, and what their watchers heard
}

// port is the listener of one half, and the half's connections: those that were dialled to
// it, and those that it has dialled.
type port struct {
	*bufconn.Listener
	address swim.Address
	owner   swim.NodeID // empty: a program that is no node
	half    string      // detector or disseminator
	conns   []*cable
	isCut   bool
	still   bool // its process stands still
	dark    bool // its host is off
}

// Run runs a test in a bubble of virtual time and stops every node at its end.
func Run(t *testing.T, test func(*Net)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		n := &Net{t: t, ports: map[swim.Address]*port{}, changed: make(chan struct{})}
		defer n.stopAll()
		test(n)
	})
}

func (n *Net) listen(owner swim.NodeID, half string, address swim.Address) *port {
	n.mu.Lock()
	defer n.mu.Unlock()
	p := &port{Listener: bufconn.Listen(1 << 16), address: address, owner: owner, half: half}
	n.ports[address] = p
	return p
}

// Listen opens a port for a program that plays a node. Close it before the test ends.
func (n *Net) Listen(owner swim.NodeID, address swim.Address) net.Listener {
	return n.listen(owner, "", address)
}

// Dial opens a connection for a program that is no node, or says what a kernel would say.
// No cut is in its way.
func (n *Net) Dial(ctx context.Context, address string) (net.Conn, error) {
	return n.dial(ctx, &port{}, address)
}

// dialFrom is how the half behind a port dials, until the port is cut.
func (n *Net) dialFrom(from *port) func(context.Context, string) (net.Conn, error) {
	return func(ctx context.Context, address string) (net.Conn, error) { return n.dial(ctx, from, address) }
}

func (n *Net) dial(ctx context.Context, from *port, address string) (net.Conn, error) {
	n.mu.Lock()
	to := n.ports[swim.Address(address)]
	n.mu.Unlock()
	if to == nil {
		return nil, &net.OpError{Op: "dial", Net: "bufconn", Err: syscall.ECONNREFUSED}
	}
	if !n.await(ctx.Done(), func() bool { return n.connects(from, to) }) {
		return nil, ctx.Err()
	}
	conn, err := to.DialContext(ctx)
	if err != nil {
		return nil, err
	}
	c := &cable{Conn: conn, net: n, from: from, to: to, closed: make(chan struct{})}
	n.mu.Lock()
	defer n.mu.Unlock()
	if from.isCut {
		_ = c.Close()
		return nil, net.ErrClosed
	}
	to.conns, from.conns = append(to.conns, c), append(from.conns, c)
	return c, nil
}

// unplug takes a half off the network, as its death does: its connections break, new ones
// to it are refused, and it makes none.
func (n *Net) unplug(p *port) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.ports[p.address] == p {
		delete(n.ports, p.address)
	}
	p.isCut = true
	_ = p.Close()
	for _, conn := range p.conns {
		conn.breakOff()
	}
}

func (n *Net) stopAll() {
	for _, node := range n.nodes {
		node.Kill()
	}
	for _, h := range n.halves {
		<-h.Done()
	}
}
