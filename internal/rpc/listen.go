package rpc

import (
	"context"
	"errors"
	"fmt"
	"net"
	"syscall"
	"time"

	"go.uber.org/zap"
)

// portTaken has a line each for what and who, for the cures with the likeliest first, and
// for the case that nobody is to be found there.
const portTaken = `cannot listen on %s: %w: another process has this port: ss -ltnp | grep %s
Stop it, if it is this node running twice. Otherwise choose another NODE_ID, not ten apart (ports are 50050+ID and 50060+ID), or an address of its own for each node (SWIM_DETECTOR_ADDR, SWIM_DISSEMINATOR_ADDR).
If nobody listens there, somebody's connection was given the port: wait a minute, or reserve it: sysctl net.ipv4.ip_local_reserved_ports=50051-50070`

// Listen opens addr ("host:port", empty host for all addresses) for a server. The error
// for a taken port tells how that comes about and what to do.
//
// A port that is taken although nobody listens belongs to somebody's outgoing connection,
// for a minute beyond its end: Listen waits for it, and says so.
func (t TCP) Listen(ctx context.Context, addr string, log *zap.Logger) (net.Listener, error) {
	lis, err := t.listen(ctx, addr)
	if !errors.Is(err, syscall.EADDRINUSE) || !nobodyListens(ctx, addr) {
		return lis, err
	}
	log.Warn("the port of "+addr+" is held by somebody's connection: waiting until it is free", zap.Duration("at_most", portWait))
	for until := time.Now().Add(portWait); errors.Is(err, syscall.EADDRINUSE) && time.Now().Before(until); {
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(portRetry):
			lis, err = t.listen(ctx, addr)
		}
	}
	return lis, err
}

const (
	// portWait is a little longer than TCP keeps the port of an ended connection.
	portWait  = 65 * time.Second
	portRetry = 250 * time.Millisecond
)

// nobodyListens reports whether a connection to addr is refused.
func nobodyListens(ctx context.Context, addr string) bool {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return false
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	conn, err := TCP{}.Dial(ctx, net.JoinHostPort(host, port))
	if err == nil {
		_ = conn.Close()
	}
	return errors.Is(err, syscall.ECONNREFUSED)
}

func (t TCP) listen(ctx context.Context, addr string) (net.Listener, error) {
	// Go's keep-alive probes and TCP_USER_TIMEOUT do not go together: one lost probe
	// would reset the connection. gRPC has its own.
	lc := net.ListenConfig{KeepAlive: -1, Control: t.control}
	lc.SetMultipathTCP(false) // the default since Go 1.24; such sockets refuse TCP options
	lis, err := lc.Listen(ctx, "tcp", addr)
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return nil, fmt.Errorf(portTaken, addr, syscall.EADDRINUSE, port(addr))
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		return nil, fmt.Errorf("cannot listen on %s: this host has no such address (its own: ip addr). "+
			"Correct SWIM_DETECTOR_ADDR or SWIM_DISSEMINATOR_ADDR: %w", addr, err)
	case err != nil:
		return nil, fmt.Errorf("cannot listen on %s: %w", addr, err)
	}
	return lis, nil
}

func port(addr string) string {
	_, port, err := net.SplitHostPort(addr)
	if err != nil {
		return addr
	}
	return ":" + port
}
