package rpc

import (
	"context"
	"errors"
	"net"
	"sync"
	"syscall"
	"time"
)

// TCP is how connections are opened and taken.
type TCP struct {
	// Plain leaves the options out that make TCP fit for small messages under loss.
	Plain bool
}

// Dial opens a connection to a peer. The name is looked up at each dial, because a
// restarted container comes back under its name with another address; gRPC's resolver
// would keep the old one for half a minute.
func (t TCP) Dial(ctx context.Context, address string) (net.Conn, error) {
	return t.dialer().DialContext(ctx, "tcp", address)
}

func (t TCP) dialer() *net.Dialer {
	return &net.Dialer{Timeout: 2 * time.Second, KeepAlive: -1, Control: t.controlOutgoing}
}

// controlOutgoing also lets a service of this host listen on the port that the kernel picked
// for the connection. The seed's ports lie in the range that it picks from, and a
// connection would hold such a port until a minute after its end; a node that is dialled
// before it listens can even lose its port to a connection of that dial to itself.
func (t TCP) controlOutgoing(network, address string, raw syscall.RawConn) error {
	return errors.Join(raw.Control(reuseAddress), t.control(network, address, raw))
}

// control sets the options of a socket, as far as the system has them.
func (t TCP) control(_, _ string, raw syscall.RawConn) error {
	if t.Plain {
		return nil
	}
	return raw.Control(tune)
}

// dialRecord remembers how the latest dial of one connection ended. gRPC turns dial errors
// into text; what the kernel said is evidence.
type dialRecord struct {
	mu   sync.Mutex
	err  error
	at   time.Time
	next chan struct{} // closed by the next dial to end, if somebody waits
}

func (r *dialRecord) set(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.err, r.at = err, time.Now()
	if r.next != nil {
		close(r.next)
		r.next = nil
	}
}

// after waits until a dial has ended after since, and returns false if ctx ended first.
func (r *dialRecord) after(ctx context.Context, since time.Time) bool {
	r.mu.Lock()
	if r.at.After(since) {
		r.mu.Unlock()
		return true
	}
	if r.next == nil {
		r.next = make(chan struct{})
	}
	next := r.next
	r.mu.Unlock()
	select {
	case <-next:
		return true
	case <-ctx.Done():
		return false
	}
}

func (r *dialRecord) get() (at time.Time, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.at, r.err
}
