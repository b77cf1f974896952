package rpc

import (
	"errors"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"syscall"

	"google.golang.org/grpc/peer"
)

// watchedConn is a connection of the pool that tells when it ends. What gRPC knows of that
// it keeps to itself until the next call.
type watchedConn struct {
	net.Conn
	number  uint64
	retired *atomic.Bool // by the pool itself
	ended   func(number uint64, byPeer bool)
	once    sync.Once
}

// Read notes the end that the peer, or the network, has made.
func (c *watchedConn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	if err != nil {
		c.note(errors.Is(err, io.EOF) || errors.Is(err, syscall.ECONNRESET))
	}
	return n, err
}

// Close without an error before it: the peer said that it goes away.
func (c *watchedConn) Close() error {
	c.note(false)
	return c.Conn.Close()
}

func (c *watchedConn) note(byPeer bool) {
	c.once.Do(func() {
		if !c.retired.Load() {
			c.ended(c.number, byPeer)
		}
	})
}

// LocalAddr carries the number to whoever asks which connection brought an answer.
func (c *watchedConn) LocalAddr() net.Addr { return numberedAddr{c.Conn.LocalAddr(), c.number} }

type numberedAddr struct {
	net.Addr
	number uint64
}

// ConnectionOf tells which of the pool's connections a call went over, as the call option
// grpc.Peer has filled in p; 0 if that is not known.
func ConnectionOf(p *peer.Peer) uint64 {
	addr, _ := p.LocalAddr.(numberedAddr)
	return addr.number
}
