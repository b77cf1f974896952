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
	t      *testing.T
	mu     sync.Mutex
	ports  map[swim.Address]*port
	nodes  []*Node
	halves []*Half // all that were ever started
	silent map[swim.NodeID]bool
	lifted chan struct{} // closed, and replaced, when a silence ends
}

// port is the listener of one half, and the half's connections: those that were dialled to
// it, and those that it has dialled.
type port struct {
	*bufconn.Listener
	owner swim.NodeID
	conns []net.Conn
	isCut bool
}

// Run runs a test in a bubble of virtual time and stops every node at its end.
func Run(t *testing.T, test func(*Net)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		n := &Net{t: t, ports: map[swim.Address]*port{}, silent: map[swim.NodeID]bool{}, lifted: make(chan struct{})}
		defer n.stopAll()
		test(n)
	})
}

func (n *Net) listen(owner swim.NodeID, address swim.Address) *port {
	n.mu.Lock()
	defer n.mu.Unlock()
	p := &port{Listener: bufconn.Listen(1 << 16), owner: owner}
	n.ports[address] = p
	return p
}

// Listen opens a port for a program that is no node. Close it before the test ends.
func (n *Net) Listen(owner swim.NodeID, address swim.Address) net.Listener {
	return n.listen(owner, address)
}

// Dial opens a connection for a program that is no node, or says what a kernel would say.
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
	if !n.await(from.owner, to.owner, ctx.Done()) {
		return nil, ctx.Err()
	}
	conn, err := to.DialContext(ctx)
	if err != nil {
		return nil, err
	}
	c := &cable{Conn: conn, net: n, from: from.owner, to: to.owner, closed: make(chan struct{})}
	n.mu.Lock()
	defer n.mu.Unlock()
	if from.isCut {
		_ = c.Close()
		return nil, net.ErrClosed
	}
	to.conns, from.conns = append(to.conns, c), append(from.conns, c)
	return c, nil
}

// cut takes a half off the network, as its death would: its connections break, new ones to
// it are refused, and it makes none.
func (n *Net) cut(address swim.Address) {
	n.mu.Lock()
	defer n.mu.Unlock()
	p := n.ports[address]
	if p == nil {
		return
	}
	delete(n.ports, address)
	p.isCut = true
	_ = p.Close()
	for _, conn := range p.conns {
		_ = conn.Close()
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
