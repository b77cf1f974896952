package rpc

import (
	"context"
	"net"
	"sync"
	"time"
)

// DialTCP opens a connection to a peer. The name is looked up at each dial, because a
// restarted container comes back under its name with another address; gRPC's resolver
// would keep the old one for half a minute.
func DialTCP(ctx context.Context, address string) (net.Conn, error) {
	return dialer().DialContext(ctx, "tcp", address)
}

func dialer() *net.Dialer {
	return &net.Dialer{Timeout: 2 * time.Second, KeepAlive: -1, Control: tuneOutgoing}
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
