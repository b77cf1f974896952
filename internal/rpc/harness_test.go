package rpc

import (
	"context"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/swimpair/swim/internal/trace"
	"go.uber.org/goleak"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"go.uber.org/zap/zaptest/observer"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/grpc/test/bufconn"
	"google.golang.org/protobuf/types/known/wrapperspb"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	ping   = "/test.FailureDetector/Ping"
	watch  = "/test.FailureDetector/Watch"
	attach = "/test.FailureDetector/Attach"
)

var (
	selfOf1 = Self{Cluster: "green", Node: "1", Component: "FailureDetector", Protocol: "1"}
	selfOf2 = Self{Cluster: "green", Node: "2", Component: "FailureDetector", Protocol: "1"}
)

type text = wrapperspb.StringValue

// detectorStub is a service without generated code. The text of a request says what to do.
type detectorStub struct {
	callers chan Caller
	traces  chan trace.ID
	release chan struct{} // ends calls that say "hang"
}

func newStub() *detectorStub {
	return &detectorStub{callers: make(chan Caller, 16), traces: make(chan trace.ID, 1024), release: make(chan struct{})}
}

// note keeps who called, for the tests that look; the others never empty the channels.
func (d *detectorStub) note(ctx context.Context) {
	select {
	case d.callers <- CallerFrom(ctx):
		d.traces <- trace.FromContext(ctx)
	default:
	}
}

func (d *detectorStub) ping(ctx context.Context, in *text) (*text, error) {
	d.note(ctx)
	switch in.GetValue() {
	case "panic":
		panic("planted")
	case "fail":
		return nil, status.Error(codes.NotFound, "no such thing")
	case "hang":
		<-d.release
	case "long":
		return wrapperspb.String(strings.Repeat("x", maxMessage+1)), nil
	}
	return wrapperspb.String("pong"), nil
}

// watch sends two messages, and then waits for the end of the stream if asked to.
func (d *detectorStub) watch(ss grpc.ServerStream) error {
	var in text
	if err := ss.RecvMsg(&in); err != nil {
		return err
	}
	d.note(ss.Context())
	for range 2 {
		if err := ss.SendMsg(wrapperspb.String("change")); err != nil {
			return err
		}
	}
	switch in.GetValue() {
	case "panic":
		panic("planted")
	case "stay":
		<-ss.Context().Done()
		return ss.Context().Err()
	}
	return nil
}

func (d *detectorStub) attach(ss grpc.ServerStream) error {
	for {
		if err := ss.RecvMsg(&text{}); err != nil {
			return ss.SendMsg(wrapperspb.String("bye"))
		}
	}
}

var stubDesc = grpc.ServiceDesc{
	ServiceName: "test.FailureDetector",
	HandlerType: (*any)(nil),
	Methods: []grpc.MethodDesc{{MethodName: "Ping", Handler: func(srv any, ctx context.Context, decode func(any) error, intercept grpc.UnaryServerInterceptor) (any, error) {
		in := &text{}
		if err := decode(in); err != nil {
			return nil, err
		}
		return intercept(ctx, in, &grpc.UnaryServerInfo{Server: srv, FullMethod: ping}, func(ctx context.Context, req any) (any, error) {
			return srv.(*detectorStub).ping(ctx, req.(*text))
		})
	}}},
	Streams: []grpc.StreamDesc{
		{StreamName: "Watch", ServerStreams: true, Handler: func(srv any, ss grpc.ServerStream) error { return srv.(*detectorStub).watch(ss) }},
		{StreamName: "Attach", ClientStreams: true, Handler: func(srv any, ss grpc.ServerStream) error { return srv.(*detectorStub).attach(ss) }},
	},
}

// pair is a server of node 2 and a pool of node 1, joined in memory, with their logs.
type pair struct {
	t          *testing.T
	stub       *detectorStub
	server     *Server
	lis        *bufconn.Listener
	pool       *Pool
	clientLog  *observer.ObservedLogs
	serverLog  *observer.ObservedLogs
	serverDone chan error
}

// newPair starts one; change may alter the settings of both sides first. close ends it.
func newPair(t *testing.T, change func(*ServerConfig, *PoolConfig)) *pair {
	t.Helper()
	p := &pair{t: t, stub: newStub(), lis: bufconn.Listen(1 << 16), serverDone: make(chan error, 1)}
	var serverCore, clientCore zapcore.Core
	serverCore, p.serverLog = observer.New(zap.DebugLevel)
	clientCore, p.clientLog = observer.New(zap.DebugLevel)
	serverCfg := ServerConfig{Self: selfOf2, Log: zap.New(serverCore)}
	poolCfg := PoolConfig{Self: selfOf1, Log: zap.New(clientCore), Dial: func(ctx context.Context, _ string) (net.Conn, error) {
		return p.lis.DialContext(ctx)
	}}
	if change != nil {
		change(&serverCfg, &poolCfg)
	}
	p.server = NewServer(serverCfg)
	p.server.RegisterService(&stubDesc, p.stub)
	p.pool = NewPool(poolCfg)
	go func() { p.serverDone <- p.server.Serve(p.lis) }()
	return p
}

func (p *pair) close() {
	p.t.Helper()
	p.pool.Close()
	if err := p.server.Stop(time.Second); err != nil {
		p.t.Errorf("Stop: %v", err)
	}
	if err := <-p.serverDone; err != nil {
		p.t.Errorf("Serve: %v", err)
	}
}

// ping calls node 2 as a detector does, within 5 s.
func (p *pair) ping(ctx context.Context, what string) error {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(WithPeer(ctx, "FailureDetector", "2"), 5*time.Second)
	defer cancel()
	conn, release, err := p.pool.Get("node2:50052")
	if err != nil {
		p.t.Fatal(err)
	}
	defer release()
	return conn.Invoke(ctx, ping, wrapperspb.String(what), &text{}, grpc.WaitForReady(true))
}

// open starts a stream and sends what, if anything.
func (p *pair) open(ctx context.Context, desc *grpc.StreamDesc, method, what string) grpc.ClientStream {
	p.t.Helper()
	conn, release, err := p.pool.Get("node2:50052")
	if err != nil {
		p.t.Fatal(err)
	}
	defer release()
	s, err := conn.NewStream(WithPeer(ctx, "FailureDetector", "2"), desc, method)
	if err == nil && what != "" {
		err = s.SendMsg(wrapperspb.String(what))
	}
	if err != nil {
		p.t.Fatal(err)
	}
	return s
}

// messages are the lines of a log at a level.
func messages(log *observer.ObservedLogs, level zapcore.Level) (all []string) {
	for _, e := range log.All() {
		if e.Level == level {
			all = append(all, e.Message)
		}
	}
	return all
}

func wantMessages(t *testing.T, side string, log *observer.ObservedLogs, level zapcore.Level, want ...string) {
	t.Helper()
	if got := messages(log, level); !slices.Equal(got, want) {
		t.Errorf("%s logged at %v\n  %s\nwant\n  %s", side, level, strings.Join(got, "\n  "), strings.Join(want, "\n  "))
	}
}

// wantCode checks the status code of err and, if text is given, its message.
func wantCode(t *testing.T, err error, code codes.Code, text string) {
	t.Helper()
	if got := status.Code(err); got != code || !strings.Contains(status.Convert(err).Message(), text) {
		t.Errorf("error %v, want code %v with %q", err, code, text)
	}
}

// eventually polls a condition on real time, for tests with real sockets.
func eventually(t *testing.T, what string, condition func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	poll := time.NewTicker(2 * time.Millisecond)
	defer poll.Stop()
	for !condition() {
		select {
		case <-ctx.Done():
			t.Fatalf("never happened: %s", what)
		case <-poll.C:
		}
	}
}
