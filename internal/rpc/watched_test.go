package rpc

import (
	"context"
	"errors"
	"net"
	"syscall"
	"testing"
	"time"

	"go.uber.org/zap"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/peer"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/wrapperspb"
)

type ended struct {
	connection uint64
	byPeer     bool
}

// serveTCP serves at a port of this host, and says how many connections stand.
func serveTCP(t *testing.T) (addr string, server *Server, conns chan net.Conn) {
	t.Helper()
	lis, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server = NewServer(ServerConfig{Self: selfOf2, Log: zap.NewNop()})
	server.RegisterService(&stubDesc, newStub())
	conns = make(chan net.Conn, 16)
	done := make(chan error, 1)
	go func() { done <- server.Serve(noting{lis, conns}) }()
	t.Cleanup(func() {
		if err := errors.Join(server.Stop(time.Second), <-done); err != nil {
			t.Error(err)
		}
	})
	return lis.Addr().String(), server, conns
}

// noting is a listener whose test sees the connections.
type noting struct {
	net.Listener
	conns chan net.Conn
}

func (n noting) Accept() (net.Conn, error) {
	conn, err := n.Listener.Accept()
	if err == nil {
		n.conns <- conn
	}
	return conn, err
}

// watchedPool has made one call to addr, over the connection that it returns.
func watchedPool(t *testing.T, addr string) (*Pool, uint64, chan ended) {
	t.Helper()
	told := make(chan ended, 16)
	pool := NewPool(PoolConfig{Self: selfOf1, Log: zap.NewNop(), Ended: func(connection uint64, byPeer bool) { told <- ended{connection, byPeer} }})
	t.Cleanup(pool.Close)
	return pool, callOver(t, pool, addr), told
}

// callOver makes one call, and tells which connection it went over. One that was begun before
// gRPC has noticed the end of the last connection fails with it, and is made again.
func callOver(t *testing.T, pool *Pool, addr string) uint64 {
	t.Helper()
	conn, release, err := pool.Get(addr)
	if err != nil {
		t.Fatal(err)
	}
	defer release()
	var via peer.Peer
	for tries := 1; ; tries++ {
		err := conn.Invoke(t.Context(), ping, wrapperspb.String(""), &text{}, grpc.WaitForReady(true), grpc.Peer(&via))
		switch {
		case err == nil:
			return ConnectionOf(&via)
		case status.Code(err) != codes.Unavailable || tries == 100:
			t.Fatal(err)
		}
	}
}

func TestAConnectionThatThePeerClosesIsTold(t *testing.T) {
	for name, end := range map[string]func(net.Conn){
		"closed": func(c net.Conn) { _ = c.Close() },
		"reset":  func(c net.Conn) { _ = c.(*net.TCPConn).SetLinger(0); _ = c.Close() },
	} {
		t.Run(name, func(t *testing.T) {
			addr, _, conns := serveTCP(t)
			pool, connection, told := watchedPool(t, addr)
			end(<-conns)
			if got := <-told; got != (ended{connection, true}) || connection == 0 {
				t.Errorf("told %+v, want that the peer has closed connection %d", got, connection)
			}
			if next := callOver(t, pool, addr); next == connection || next == 0 {
				t.Errorf("the next call goes over %d, after %d has ended", next, connection)
			}
		})
	}
}

func TestAServerThatGoesAwayIsTold(t *testing.T) {
	addr, server, _ := serveTCP(t)
	_, connection, told := watchedPool(t, addr)
	if err := server.Stop(time.Second); err != nil {
		t.Error(err)
	}
	if got := <-told; got.connection != connection {
		t.Errorf("told %+v, want the end of connection %d", got, connection)
	}
}

func TestAConnectionThatThePoolClosesIsNotTold(t *testing.T) {
	addr, _, _ := serveTCP(t)
	pool, _, told := watchedPool(t, addr)
	pool.Close()
	select {
	case got := <-told:
		t.Errorf("told %+v, want nothing", got)
	default:
	}
}

func TestAKnockGoesPastTheBackOff(t *testing.T) {
	addr, _, conns := serveTCP(t)
	pool, _, _ := watchedPool(t, addr)
	<-conns
	if err := pool.Knock(t.Context(), addr); err != nil {
		t.Errorf("a port that is open refuses: %v", err)
	}
	<-conns // a connection of its own
	lis, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = lis.Close()
	for range 3 {
		if err := pool.Knock(t.Context(), lis.Addr().String()); !errors.Is(err, syscall.ECONNREFUSED) {
			t.Errorf("got %v, want that the kernel refuses", err)
		}
	}
	over, cancel := context.WithCancel(t.Context())
	cancel()
	if err := pool.Knock(over, addr); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want the end of the context", err)
	}
}
