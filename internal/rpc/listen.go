package rpc

import (
	"context"
	"errors"
	"fmt"
	"net"
	"syscall"
)

// Listen opens addr ("host:port", empty host for all addresses) for a server. The error
// for a taken port tells how that comes about and what to do.
func Listen(ctx context.Context, addr string) (net.Listener, error) {
	// Go's keep-alive probes and TCP_USER_TIMEOUT do not go together: one lost probe
	// would reset the connection. gRPC has its own.
	lc := net.ListenConfig{KeepAlive: -1, Control: tuneSocket}
	lc.SetMultipathTCP(false) // the default since Go 1.24; such sockets refuse TCP options
	lis, err := lc.Listen(ctx, "tcp", addr)
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return nil, fmt.Errorf("cannot listen on %s: another process has this port (which one: ss -ltnp | grep %s). "+
			"On one host, ids of nodes that are ten apart collide: the detector of node 11 and the disseminator of node 1 "+
			"both want 50061 (50050+ID and 50060+ID). If nobody listens there, the system gave the port to somebody's "+
			"connection: wait a minute, and reserve the ports (sysctl net.ipv4.ip_local_reserved_ports=50050-50069). "+
			"Otherwise choose another NODE_ID, give each node its own address, or set SWIM_DETECTOR_ADDR or SWIM_DISSEMINATOR_ADDR: %w", addr, port(addr), err)
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
