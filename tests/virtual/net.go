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
	t     *testing.T
	mu    sync.Mutex
	ports map[swim.Address]*port
	nodes []*Node
}

// port is a listener and the connections that were dialled to it.
type port struct {
	*bufconn.Listener
	conns []net.Conn
}

// Run runs a test in a bubble of virtual time and stops every node at its end.
func Run(t *testing.T, test func(*Net)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		n := &Net{t: t, ports: map[swim.Address]*port{}}
		defer n.stopAll()
		test(n)
	})
}

func (n *Net) listen(address swim.Address) *port {
	n.mu.Lock()
	defer n.mu.Unlock()
	p := &port{Listener: bufconn.Listen(1 << 16)}
	n.ports[address] = p
	return p
}

// Dial opens a connection, or says what a kernel would say.
func (n *Net) Dial(ctx context.Context, address string) (net.Conn, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	p := n.ports[swim.Address(address)]
	if p == nil {
		return nil, &net.OpError{Op: "dial", Net: "bufconn", Err: syscall.ECONNREFUSED}
	}
	conn, err := p.DialContext(ctx)
	if err == nil {
		p.conns = append(p.conns, conn)
	}
	return conn, err
}

// cut takes a port off the network: its connections break, new ones are refused.
func (n *Net) cut(address swim.Address) {
	n.mu.Lock()
	defer n.mu.Unlock()
	p := n.ports[address]
	if p == nil {
		return
	}
	delete(n.ports, address)
	_ = p.Close()
	for _, conn := range p.conns {
		_ = conn.Close()
	}
}

func (n *Net) stopAll() {
	for _, node := range n.nodes {
		node.Kill()
	}
}
