package rpc

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/zap"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/connectivity"
	"google.golang.org/grpc/test/bufconn"
	"google.golang.org/protobuf/types/known/wrapperspb"
)

var errRefused = &net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}

func TestAReturnedServerIsReachedWithinAboutASecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var dials atomic.Int32
		var lis atomic.Pointer[bufconn.Listener]
		pool := NewPool(PoolConfig{Self: selfOf1, Log: zap.NewNop(), Dial: func(ctx context.Context, _ string) (net.Conn, error) {
			dials.Add(1)
			if l := lis.Load(); l != nil {
				return l.DialContext(ctx)
			}
			return nil, errRefused
		}})
		conn, release, err := pool.Get("node2:50052")
		if err != nil {
			t.Fatal(err)
		}
		call := func(ctx context.Context) error {
			return conn.Invoke(ctx, ping, wrapperspb.String(""), &text{}, grpc.WaitForReady(true))
		}
		start := func() (stop func()) {
			l := bufconn.Listen(1 << 16)
			s := NewServer(ServerConfig{Self: selfOf2, Log: zap.NewNop()})
			s.RegisterService(&stubDesc, newStub())
			done := make(chan error, 1)
			go func() { done <- s.Serve(l) }()
			lis.Store(l)
			return func() {
				lis.Store(nil)
				if err := errors.Join(s.Stop(time.Second), <-done); err != nil {
					t.Error(err)
				}
			}
		}
		stop := start()
		if err := call(t.Context()); err != nil {
			t.Fatal(err)
		}
		stop()
		down, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
		defer cancel()
		wantCode(t, call(down), codes.DeadlineExceeded, "")
		stop = start()
		began := time.Now()
		if err := call(t.Context()); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(began); took > 1300*time.Millisecond {
			t.Errorf("reached again after %v, want about a second", took)
		}
		if n := dials.Load(); n < 400 || n > 900 {
			t.Errorf("%d dials in ten minutes, want about one each second", n)
		}
		release()
		pool.Close()
		stop()
	})
}

func TestEvidenceOfLifeResetsTheBackoffButNotTooOften(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var dials atomic.Int32
		pool := NewPool(PoolConfig{Self: selfOf1, Log: zap.NewNop(), Dial: func(context.Context, string) (net.Conn, error) {
			dials.Add(1)
			return nil, errRefused
		}})
		defer pool.Close()
		pool.ResetBackoff("node2:50052") // not in the pool: nothing happens
		conn, release, err := pool.Get("node2:50052")
		if err != nil {
			t.Fatal(err)
		}
		defer release()
		conn.(*grpc.ClientConn).Connect()
		time.Sleep(time.Minute) // so that the back-off is at its longest
		for n := dials.Load(); dials.Load() == n; {
			time.Sleep(time.Millisecond) // to just after a dial
		}
		time.Sleep(10 * time.Millisecond)
		before := dials.Load()
		for range 50 {
			pool.ResetBackoff("node2:50052")
			synctest.Wait()
		}
		if got := dials.Load() - before; got != 1 {
			t.Errorf("50 resets at one instant led to %d dials, want 1", got)
		}
	})
}

func TestAConnectionIsDialledByItsFirstCallAndThenShared(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var dials atomic.Int32
		p := newPair(t, func(_ *ServerConfig, c *PoolConfig) {
			inner := c.Dial
			c.Dial = func(ctx context.Context, address string) (net.Conn, error) {
				dials.Add(1)
				if address != "node2:50052" {
					t.Errorf("dialled %q", address)
				}
				return inner(ctx, address)
			}
		})
		defer p.close()
		a, releaseA, err := p.pool.Get("node2:50052")
		if err != nil {
			t.Fatal(err)
		}
		b, releaseB, err := p.pool.Get("node2:50052")
		if err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		if a != b || dials.Load() != 0 {
			t.Errorf("same connection: %v, dials before a call: %d, want true and 0", a == b, dials.Load())
		}
		releaseA()
		releaseB()
		time.Sleep(2 * time.Hour)
		for range 3 {
			if err := p.ping(t.Context(), ""); err != nil {
				t.Fatal(err)
			}
		}
		if dials.Load() != 1 {
			t.Errorf("%d dials for three calls, want 1", dials.Load())
		}
	})
}

func state(conn grpc.ClientConnInterface) connectivity.State {
	return conn.(*grpc.ClientConn).GetState()
}

func TestOnlyTheLeastRecentlyUsedUnusedConnectionsAreClosed(t *testing.T) {
	pool := NewPool(PoolConfig{Self: selfOf1, Log: zap.NewNop(), MaxIdle: 2})
	defer pool.Close()
	get := func(address string) (grpc.ClientConnInterface, func()) {
		t.Helper()
		conn, release, err := pool.Get(address)
		if err != nil {
			t.Fatal(err)
		}
		return conn, release
	}
	var conns []grpc.ClientConnInterface
	var releases []func()
	for i := range 5 {
		conn, release := get(fmt.Sprintf("n%d:1", i))
		conns, releases = append(conns, conn), append(releases, release)
	}
	open := func() (all []int) {
		for i, c := range conns {
			if state(c) != connectivity.Shutdown {
				all = append(all, i)
			}
		}
		return all
	}
	want := func(when, want string) {
		t.Helper()
		if got := fmt.Sprint(open()); got != want {
			t.Errorf("%s: connections %s are open, want %s", when, got, want)
		}
	}
	want("five in use, though only two may be idle", "[0 1 2 3 4]")
	_, again := get("n0:1")
	releases[0]()
	releases[0]() // counts once
	releases[1]()
	releases[2]()
	want("0 has a second user, 1 and 2 are idle", "[0 1 2 3 4]")
	_, touched := get("n1:1") // used again, so 2 is now unused for longest
	touched()
	releases[3]()
	want("a third became idle", "[0 1 3 4]")
	again()
	want("and a fourth", "[0 3 4]")
	if conn, release := get("n2:1"); conn == conns[2] {
		t.Error("a closed connection was given out")
	} else {
		release()
	}
}

func TestTheLatestDialIsToldAsTheKernelSaidIt(t *testing.T) {
	address := freeAddress(t)
	pool := NewPool(PoolConfig{Self: selfOf1, Log: zap.NewNop()})
	defer pool.Close()
	if err, at := pool.LastDialError(address); err != nil || !at.IsZero() {
		t.Errorf("before any dial: %v at %v, want nothing", err, at)
	}
	_, release, err := pool.Get(address) // held, so that the record stays
	if err != nil {
		t.Fatal(err)
	}
	defer release()
	wantCode(t, pingTCP(t, pool, address), codes.Unavailable, "")
	if err, at := pool.LastDialError(address); !errors.Is(err, syscall.ECONNREFUSED) || at.IsZero() {
		t.Errorf("nobody listens: %v at %v, want ECONNREFUSED with its time", err, at)
	}
	served, _ := startTCP(t)
	if err := pingTCP(t, pool, served); err != nil {
		t.Fatal(err)
	}
	if err, at := pool.LastDialError(served); err != nil || at.IsZero() {
		t.Errorf("a good dial: %v at %v, want nil with its time", err, at)
	}
}

// freeAddress is a loopback address at which nobody listens.
func freeAddress(t *testing.T) string {
	t.Helper()
	lis, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer lis.Close()
	return lis.Addr().String()
}

func TestAClosedPoolGivesOutNothing(t *testing.T) {
	pool := NewPool(PoolConfig{Self: selfOf1, Log: zap.NewNop()})
	conn, release, err := pool.Get("n1:1")
	if err != nil {
		t.Fatal(err)
	}
	pool.Close()
	pool.Close()
	release()
	if got := state(conn); got != connectivity.Shutdown {
		t.Errorf("connection in use is %v after Close, want Shutdown", got)
	}
	if _, _, err := pool.Get("n1:1"); !errors.Is(err, ErrPoolClosed) {
		t.Errorf("Get: %v, want ErrPoolClosed", err)
	}
}

func TestAddressesOfAllKindsAreDialledAsTheyStand(t *testing.T) {
	for _, address := range []string{"127.0.0.1:1", "[::1]:50051", "node-1.example.org:50051", ":50051"} {
		var got string
		dialled := make(chan struct{})
		once := sync.OnceFunc(func() { close(dialled) })
		pool := NewPool(PoolConfig{Self: selfOf1, Log: zap.NewNop(), Dial: func(_ context.Context, a string) (net.Conn, error) {
			got = a
			once()
			return nil, errRefused
		}})
		wantCode(t, pingTCP(t, pool, address), codes.Unavailable, "")
		<-dialled
		pool.Close()
		if got != address {
			t.Errorf("dialled %q, want %q", got, address)
		}
	}
}

func TestThePoolSurvivesConcurrentUse(t *testing.T) {
	address, _ := startTCP(t)
	pool := NewPool(PoolConfig{Self: selfOf1, Log: zap.NewNop(), MaxIdle: 1})
	defer pool.Close()
	var all sync.WaitGroup
	for worker := range 4 {
		all.Go(func() {
			for i := range 20 {
				if err := pingTCP(t, pool, address); err != nil {
					t.Errorf("call: %v", err)
				}
				_, release, err := pool.Get(fmt.Sprintf("127.0.0.1:%d", 1+(worker+i)%3))
				if err != nil {
					t.Error(err)
					continue
				}
				release()
				pool.ResetBackoff(address)
				_, _ = pool.LastDialError(address)
			}
		})
	}
	all.Wait()
}

func TestAFreshDialCanBeAwaited(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var r dialRecord
		r.set(errors.New("refused"))
		asked := time.Now()
		time.Sleep(time.Second)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		go func() {
			time.Sleep(500 * time.Millisecond)
			r.set(nil)
		}()
		if !r.after(ctx, asked) || time.Since(asked) != 1500*time.Millisecond {
			t.Errorf("the dial was noticed after %s", time.Since(asked))
		}
		if r.after(ctx, time.Now()) {
			t.Error("a dial was noticed that never was")
		}
	})
}
