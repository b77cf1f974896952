package rpc

import (
	"net"
	"sync"

	"go.uber.org/zap"
)

// The caps leave room for a big cluster (each member has a few connections to each of our
// ports) and for applications, and keep one runaway peer from taking all of it.
const (
	maxConnections      = 4096
	maxConnectionsPerIP = 1024
)

// cappedListener closes connections beyond the caps at once. Waiting, as
// netutil.LimitListener does, would let them fill the kernel's queue and shut out others.
type cappedListener struct {
	net.Listener
	log   *zap.Logger
	total int
	perIP int
	warn  limiter

	mu   sync.Mutex
	open int
	byIP map[string]int
}

func newCappedListener(lis net.Listener, log *zap.Logger) *cappedListener {
	return &cappedListener{
		Listener: lis, log: log,
		total: maxConnections, perIP: maxConnectionsPerIP,
		byIP: make(map[string]int),
	}
}

// Accept waits for the next connection within the caps.
func (l *cappedListener) Accept() (net.Conn, error) {
	for {
		conn, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		ip := remoteIP(conn)
		if l.enter(ip) {
			return &cappedConn{Conn: conn, leave: sync.OnceFunc(func() { l.leave(ip) })}, nil
		}
		_ = conn.Close()
		if skipped, ok := l.warn.allow(); ok {
			l.log.Warn("closed a connection: there are too many",
				zap.String("from_address", ip), zap.Int("max_total", l.total), zap.Int("max_per_address", l.perIP),
				zap.Int("not_logged_before", skipped))
		}
	}
}

func (l *cappedListener) enter(ip string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.open >= l.total || l.byIP[ip] >= l.perIP {
		return false
	}
	l.open++
	l.byIP[ip]++
	return true
}

func (l *cappedListener) leave(ip string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.open--
	l.byIP[ip]--
	if l.byIP[ip] == 0 {
		delete(l.byIP, ip) // or every address that ever called would stay
	}
}

func remoteIP(conn net.Conn) string {
	host, _, err := net.SplitHostPort(conn.RemoteAddr().String())
	if err != nil {
		return conn.RemoteAddr().String() // not TCP
	}
	return host
}

// cappedConn gives its place back when it is closed.
type cappedConn struct {
	net.Conn
	leave func()
}

func (c *cappedConn) Close() error {
	defer c.leave()
	return c.Conn.Close()
}
