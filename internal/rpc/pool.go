package rpc

import (
	"container/list"
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"go.uber.org/zap"
	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"
	"google.golang.org/grpc/connectivity"
)

const (
	defaultMaxIdle = 64
	// firstBackoff is the wait after the first failed dial, and the least time between two
	// resets of one connection's back-off.
	firstBackoff = 100 * time.Millisecond
)

// ErrPoolClosed says that the pool gives out no more connections.
var ErrPoolClosed = errors.New("rpc: the connection pool is closed")

// PoolConfig says what a Pool needs. Self and Log are required.
type PoolConfig struct {
	Self Self
	Log  *zap.Logger
	// Quiet lists full methods whose log lines are left out while they succeed.
	Quiet []string
	// MaxIdle is how many connections stay open that nobody uses; 0 means 64. The ones
	// unused for longest are closed first.
	MaxIdle int
	// Dial opens a connection to "host:port"; nil means TCP with its options.
	Dial func(ctx context.Context, address string) (net.Conn, error)
	// Ended, if set, is told of each connection that has ended, but for those that the pool
	// closes itself. byPeer: the other side has closed or reset it. It must not wait for long.
	Ended func(connection uint64, byPeer bool)
}

// Pool keeps one client connection per address. Safe for concurrent use.
type Pool struct {
	cfg     PoolConfig
	options []grpc.DialOption
	dialled atomic.Uint64 // connections so far: the number of the latest

	mu        sync.Mutex
	byAddress map[string]*connection
	idle      *list.List // of *connection, unused for longest first
	closed    bool
}

// connection is one entry. The pool's lock guards users, place and reset.
type connection struct {
	*grpc.ClientConn
	address string
	dialled dialRecord
	retired atomic.Bool // closed by the pool
	users   int
	place   *list.Element // in idle; nil while in use
	reset   time.Time     // of the back-off, latest
}

// NewPool returns an empty pool. Close it.
func NewPool(cfg PoolConfig) *Pool {
	if cfg.MaxIdle == 0 {
		cfg.MaxIdle = defaultMaxIdle
	}
	if cfg.Dial == nil {
		cfg.Dial = TCP{}.Dial
	}
	out := &outgoing{
		self:  party{cfg.Self.Component, cfg.Self.Node},
		pairs: cfg.Self.pairs(),
		lines: newLines(cfg.Log, cfg.Quiet),
	}
	return &Pool{cfg: cfg, options: clientOptions(out), byAddress: make(map[string]*connection), idle: list.New()}
}

func clientOptions(out *outgoing) []grpc.DialOption {
	return []grpc.DialOption{
		grpc.WithTransportCredentials(transport()),
		grpc.WithUnaryInterceptor(out.unary),
		grpc.WithStreamInterceptor(out.stream),
		// gRPC backs off for up to two minutes and dials for up to twenty seconds, so a
		// peer that returned would look dead for that long.
		grpc.WithConnectParams(grpc.ConnectParams{
			MinConnectTimeout: time.Second,
			Backoff:           backoff.Config{BaseDelay: firstBackoff, Multiplier: 1.5, Jitter: 0.2, MaxDelay: time.Second},
		}),
		grpc.WithIdleTimeout(0), // the pool decides what is closed
		grpc.WithDisableRetry(), // one call is one attempt: the protocol counts them
		grpc.WithDisableServiceConfig(),
		grpc.WithNoProxy(),
		grpc.WithReadBufferSize(readBuffer),
		grpc.WithStaticStreamWindowSize(maxMessage),
		grpc.WithStaticConnWindowSize(maxMessage),
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(maxMessage), grpc.MaxCallSendMsgSize(maxMessage)),
	}
}

// Get returns the connection to address ("host:port"), for calls until release is called;
// it is dialled by the first call, and again after a loss. Releasing twice is harmless.
func (p *Pool) Get(address string) (conn grpc.ClientConnInterface, release func(), err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return nil, nil, ErrPoolClosed
	}
	c := p.byAddress[address]
	if c == nil {
		if c, err = p.open(address); err != nil {
			return nil, nil, err
		}
		p.byAddress[address] = c
	}
	if c.place != nil {
		p.idle.Remove(c.place)
		c.place = nil
	}
	c.users++
	return c.ClientConn, sync.OnceFunc(func() { p.release(c) }), nil
}

func (p *Pool) open(address string) (*connection, error) {
	c := &connection{address: address}
	// passthrough: the address goes to our dialler as it is.
	cc, err := grpc.NewClient("passthrough:///"+address, append(p.options[:len(p.options):len(p.options)],
		grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) {
			conn, err := p.cfg.Dial(ctx, address)
			c.dialled.set(err)
			if err != nil || p.cfg.Ended == nil {
				return conn, err
			}
			return &watchedConn{Conn: conn, number: p.dialled.Add(1), retired: &c.retired, ended: p.cfg.Ended}, nil
		}))...)
	if err != nil {
		return nil, fmt.Errorf("rpc: no connection to %q: %w", address, err)
	}
	c.ClientConn = cc
	return c, nil
}

func (p *Pool) release(c *connection) {
	for _, surplus := range p.retire(c) {
		surplus.close() // outside the lock: it waits for the transport
	}
}

// retire counts a user of c out and returns the connections that are to be closed.
func (p *Pool) retire(c *connection) (surplus []*connection) {
	p.mu.Lock()
	defer p.mu.Unlock()
	c.users--
	if c.users > 0 || p.closed {
		return nil
	}
	c.place = p.idle.PushBack(c)
	for p.idle.Len() > p.cfg.MaxIdle {
		oldest := p.idle.Remove(p.idle.Front()).(*connection)
		delete(p.byAddress, oldest.address)
		surplus = append(surplus, oldest)
	}
	return surplus
}

// LastDialError tells how the latest dial to address ended, and when: nil for success. So
// errors.Is(err, syscall.ECONNREFUSED) says that the kernel over there refused. The time
// is zero while address was not dialled or is not in the pool; a time before the caller's
// own call began says that the call was failed by the back-off, without a dial.
//
//lint:ignore ST1008 the error is what was asked for, not a failure to answer
func (p *Pool) LastDialError(address string) (error, time.Time) {
	p.mu.Lock()
	c := p.byAddress[address]
	p.mu.Unlock()
	if c == nil {
		return nil, time.Time{}
	}
	at, err := c.dialled.get()
	return err, at
}

// AwaitDial waits until a dial to address has ended after since: a call that was failed by
// the back-off learned nothing, and is worth repeating then. It returns false if ctx ended
// first, or if address is not in the pool.
func (p *Pool) AwaitDial(ctx context.Context, address string, since time.Time) bool {
	p.mu.Lock()
	c := p.byAddress[address]
	p.mu.Unlock()
	return c != nil && c.dialled.after(ctx, since)
}

// ResetBackoff has address dialled again at once if the pool waits for that: call it on
// evidence that the peer lives, such as a call from it. At most one in 100 ms counts, so
// that a peer's flood of calls does not become our flood of dials.
func (p *Pool) ResetBackoff(address string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	c := p.byAddress[address]
	if c == nil || c.GetState() != connectivity.TransientFailure || time.Since(c.reset) < firstBackoff {
		return
	}
	c.reset = time.Now()
	c.ResetConnectBackoff()
}

// Close closes all connections; calls on them fail.
func (p *Pool) Close() {
	p.mu.Lock()
	p.closed = true
	all := p.byAddress
	p.byAddress = nil
	p.idle.Init()
	p.mu.Unlock()
	for _, c := range all {
		c.close()
	}
}

func (c *connection) close() {
	c.retired.Store(true)
	_ = c.ClientConn.Close()
}

// Knock dials address afresh, past every connection and back-off of the pool, and closes that
// connection at once. The error is the dial's: nil says that the kernel over there takes
// connections, errors.Is(err, syscall.ECONNREFUSED) that it refuses them.
func (p *Pool) Knock(ctx context.Context, address string) error {
	conn, err := p.cfg.Dial(ctx, address)
	if err != nil {
		return err
	}
	return conn.Close()
}
