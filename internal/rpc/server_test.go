package rpc

import (
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/protobuf/types/known/wrapperspb"
)

func TestACallerOfAnotherClusterIsRefusedBeforeAnyHandler(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPair(t, func(_ *ServerConfig, c *PoolConfig) { c.Self.Cluster = "blue" })
		for range 3 {
			wantCode(t, p.ping(t.Context(), ""), codes.FailedPrecondition,
				`you are of cluster "blue", I am of cluster "green": set SWIM_CLUSTER alike or correct the address`)
		}
		s := p.open(t.Context(), &grpc.StreamDesc{ServerStreams: true}, watch, "two")
		wantCode(t, s.RecvMsg(&text{}), codes.FailedPrecondition, `cluster "blue"`)
		if n := len(p.stub.callers); n != 0 {
			t.Errorf("%d calls reached the handler, want none", n)
		}
		wantMessages(t, "server", p.serverLog, zap.InfoLevel)
		wantMessages(t, "server", p.serverLog, zap.WarnLevel, "refused a caller that does not belong here")
		time.Sleep(warnEvery)
		wantCode(t, p.ping(t.Context(), ""), codes.FailedPrecondition, "")
		p.close()
		warnings := p.serverLog.FilterLevelExact(zap.WarnLevel).All()
		if len(warnings) != 2 || warnings[1].ContextMap()["not_logged_before"] != int64(3) {
			t.Errorf("warnings %v, want a second one that counts the 3 left out", warnings)
		}
	})
}

func TestACallerOfAnotherProtocolIsRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPair(t, func(_ *ServerConfig, c *PoolConfig) { c.Self.Protocol = "2" })
		defer p.close()
		wantCode(t, p.ping(t.Context(), ""), codes.FailedPrecondition, `you speak protocol "2", I speak protocol "1"`)
	})
}

func TestAPanicFailsOnlyItsOwnCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPair(t, nil)
		wantCode(t, p.ping(t.Context(), "panic"), codes.Internal, "internal error while serving "+ping)
		s := p.open(t.Context(), &grpc.StreamDesc{ServerStreams: true}, watch, "panic")
		var err error
		for err == nil {
			err = s.RecvMsg(&text{})
		}
		wantCode(t, err, codes.Internal, "internal error while serving "+watch)
		if err := p.ping(t.Context(), ""); err != nil {
			t.Errorf("ping after the panics: %v", err)
		}
		p.close()
		panics := p.serverLog.FilterLevelExact(zap.ErrorLevel).All()
		if len(panics) != 2 {
			t.Fatalf("%d panics logged, want 2", len(panics))
		}
		if stack := panics[0].ContextMap()["stack"].(string); !strings.Contains(stack, "detectorStub).ping") {
			t.Errorf("the stack does not show the handler:\n%s", stack)
		}
		if n := p.serverLog.FilterMessageSnippet("failed").FilterField(zap.Stringer("code", codes.Internal)).Len(); n != 2 {
			t.Errorf("%d completion lines with code Internal, want 2", n)
		}
	})
}

func TestAnOversizedMessageIsRefusedInBothDirections(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPair(t, nil)
		defer p.close()
		wantCode(t, p.ping(t.Context(), strings.Repeat("x", maxMessage)), codes.ResourceExhausted, "larger than max") // by our own client
		wantCode(t, p.ping(t.Context(), "long"), codes.ResourceExhausted, "larger than max")
		conn, release, err := p.pool.Get("node2:50052")
		if err != nil {
			t.Fatal(err)
		}
		defer release()
		// A client that does not hold itself to the limit is refused by the server.
		err = conn.Invoke(t.Context(), ping, wrapperspb.String(strings.Repeat("x", maxMessage)), &text{}, grpc.MaxCallSendMsgSize(1<<30))
		wantCode(t, err, codes.ResourceExhausted, "larger than max")
		if n := len(p.stub.callers); n != 1 {
			t.Errorf("%d calls reached the handler, want only the one with the long answer", n)
		}
	})
}

func TestHealthSaysWhatItWasTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPair(t, nil)
		defer p.close()
		conn, release, err := p.pool.Get("node2:50052")
		if err != nil {
			t.Fatal(err)
		}
		defer release()
		check := func(service string, want healthpb.HealthCheckResponse_ServingStatus) {
			t.Helper()
			resp, err := healthpb.NewHealthClient(conn).Check(t.Context(), &healthpb.HealthCheckRequest{Service: service})
			if err != nil || resp.GetStatus() != want {
				t.Errorf("service %q is %v (%v), want %v", service, resp.GetStatus(), err, want)
			}
		}
		check("", healthpb.HealthCheckResponse_NOT_SERVING)
		p.server.Health().Set("", true)
		p.server.Health().Set("swim.pair", false)
		check("", healthpb.HealthCheckResponse_SERVING)
		check("swim.pair", healthpb.HealthCheckResponse_NOT_SERVING)
	})
}

func TestStopDoesNotWaitForWatchers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPair(t, nil)
		p.server.Health().Set("swim.pair", true)
		conn, release, err := p.pool.Get("node2:50052")
		if err != nil {
			t.Fatal(err)
		}
		health, err := healthpb.NewHealthClient(conn).Watch(t.Context(), &healthpb.HealthCheckRequest{Service: "swim.pair"})
		if err != nil {
			t.Fatal(err)
		}
		if got, err := health.Recv(); got.GetStatus() != healthpb.HealthCheckResponse_SERVING {
			t.Fatalf("first health %v, %v", got, err)
		}
		members := p.open(t.Context(), &grpc.StreamDesc{ServerStreams: true}, watch, "stay")
		synctest.Wait()
		began := time.Now()
		if err := p.server.Stop(5 * time.Second); err != nil {
			t.Error(err)
		}
		if took := time.Since(began); took != 0 {
			t.Errorf("Stop took %v, want 0: the watchers were told to end", took)
		}
		for err = nil; err == nil; {
			err = members.RecvMsg(&text{})
		}
		wantCode(t, err, codes.Unavailable, "this server is stopping")
		release()
		p.close()
	})
}

func TestStopLetsACallFinishWithinTheGrace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPair(t, nil)
		result := make(chan error, 1)
		go func() { result <- p.ping(t.Context(), "hang") }()
		<-p.stub.callers // it runs
		time.AfterFunc(time.Second, func() { close(p.stub.release) })
		if err := p.server.Stop(3 * time.Second); err != nil {
			t.Error(err)
		}
		if err := <-result; err != nil {
			t.Errorf("the running call: %v, want it to finish", err)
		}
		p.close()
	})
}

func TestStopIsBoundedThoughAHandlerHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPair(t, nil)
		result := make(chan error, 1)
		go func() { result <- p.ping(t.Context(), "hang") }()
		<-p.stub.callers
		began := time.Now()
		err := p.server.Stop(2 * time.Second)
		if err == nil || !strings.Contains(err.Error(), "handlers ignore the end of their context") {
			t.Errorf("Stop: %v, want the complaint about a handler", err)
		}
		if took := time.Since(began); took != 2*time.Second+lastWait {
			t.Errorf("Stop took %v, want %v", took, 2*time.Second+lastWait)
		}
		wantCode(t, <-result, codes.Unavailable, "")
		close(p.stub.release)
		synctest.Wait()
		p.close()
	})
}

func TestServeAfterStopEndsAtOnceWithoutError(t *testing.T) {
	s := NewServer(ServerConfig{Self: selfOf2, Log: zap.NewNop()})
	if err := s.Stop(time.Second); err != nil {
		t.Fatal(err)
	}
	lis, err := TCP{}.Listen(t.Context(), "127.0.0.1:0", zap.NewNop())
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Serve(lis); err != nil {
		t.Errorf("Serve: %v, want nil", err)
	}
}

// startTCP serves the stub on a loopback port and stops with the test.
func startTCP(t *testing.T) (address string, serverLog *observer.ObservedLogs) {
	t.Helper()
	core, logs := observer.New(zap.DebugLevel)
	s := NewServer(ServerConfig{Self: selfOf2, Log: zap.New(core)})
	s.RegisterService(&stubDesc, newStub())
	lis, err := TCP{}.Listen(t.Context(), "127.0.0.1:0", zap.NewNop())
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- s.Serve(lis) }()
	t.Cleanup(func() {
		if err := errors.Join(s.Stop(time.Second), <-done); err != nil {
			t.Error(err)
		}
	})
	return lis.Addr().String(), logs
}

func pingTCP(t *testing.T, pool *Pool, address string) error {
	t.Helper()
	conn, release, err := pool.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	defer release()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	return conn.Invoke(ctx, ping, wrapperspb.String(""), &text{})
}

func TestGarbageOnThePortHarmsNobody(t *testing.T) {
	address, _ := startTCP(t)
	pool := NewPool(PoolConfig{Self: selfOf1, Log: zap.NewNop()})
	defer pool.Close()
	rng := rand.New(rand.NewPCG(1, 2))
	noise := make([]byte, 64<<10)
	for i := range noise {
		noise[i] = byte(rng.Uint32())
	}
	for name, garbage := range map[string][]byte{
		"noise":            noise,
		"http/1":           []byte("GET / HTTP/1.1\r\nHost: x\r\n\r\n"),
		"preface, noise":   append([]byte("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), noise...),
		"half a preface":   []byte("PRI * HTTP"),
		"tls client hello": {0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, 0xfc},
		"nothing":          nil,
	} {
		conn, err := net.Dial("tcp", address)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		_, _ = conn.Write(garbage) // the server may close before it has read all
		_ = conn.(*net.TCPConn).CloseWrite()
		_, _ = io.Copy(io.Discard, conn) // until the server has had enough
		_ = conn.Close()
		if err := pingTCP(t, pool, address); err != nil {
			t.Errorf("ping after %s: %v", name, err)
		}
	}
}

func TestACallOverTCPIsServed(t *testing.T) {
	address, log := startTCP(t)
	pool := NewPool(PoolConfig{Self: selfOf1, Log: zap.NewNop()})
	defer pool.Close()
	if err := pingTCP(t, pool, address); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the completion line of the server", func() bool { return log.Len() == 2 })
	wantMessages(t, "server", log, zap.InfoLevel, runsPing)
}
