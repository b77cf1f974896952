package rpc

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/swimpair/swim/internal/trace"
	"go.uber.org/zap"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
)

const (
	sendsPing = "Component FailureDetector of Node 1 sends RPC Ping to Component FailureDetector of Node 2"
	runsPing  = "Component FailureDetector of Node 2 runs RPC Ping called by Component FailureDetector of Node 1"
)

func TestBothSidesLogAUnaryCallInTheSeedsWords(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPair(t, nil)
		id := trace.New()
		if err := p.ping(WithTrace(t.Context(), id), ""); err != nil {
			t.Fatal(err)
		}
		p.close()
		wantMessages(t, "client", p.clientLog, zap.InfoLevel, sendsPing)
		wantMessages(t, "server", p.serverLog, zap.InfoLevel, runsPing)
		wantMessages(t, "client", p.clientLog, zap.DebugLevel, "RPC Ping to Component FailureDetector of Node 2 done")
		wantMessages(t, "server", p.serverLog, zap.DebugLevel, "RPC Ping called by Component FailureDetector of Node 1 done")
		for side, e := range map[string]map[string]any{"client": p.clientLog.All()[0].ContextMap(), "server": p.serverLog.All()[0].ContextMap()} {
			for field, want := range map[string]string{
				"rpc": "Ping", "from_component": "FailureDetector", "from_node": "1",
				"to_component": "FailureDetector", "to_node": "2", "trace_id": id.String(),
			} {
				if e[field] != want {
					t.Errorf("%s: field %s is %v, want %v", side, field, e[field], want)
				}
			}
		}
	})
}

func TestTheHandlerKnowsItsCallerAndContinuesItsTrace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPair(t, nil)
		defer p.close()
		id := trace.New()
		if err := p.ping(WithTrace(t.Context(), id), ""); err != nil {
			t.Fatal(err)
		}
		want := Caller{Cluster: "green", Node: "1", Component: "FailureDetector", Protocol: "1", Trace: id}
		if got := <-p.stub.callers; got != want {
			t.Errorf("caller %+v, want %+v", got, want)
		}
		if got := <-p.stub.traces; got != id {
			t.Errorf("trace in the handler's context %v, want %v", got, id)
		}
	})
}

func TestAFailedCallIsLoggedAtInfoWithCodeErrorAndDuration(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPair(t, nil)
		wantCode(t, p.ping(t.Context(), "fail"), codes.NotFound, "no such thing")
		p.close()
		wantMessages(t, "client", p.clientLog, zap.InfoLevel, sendsPing, "RPC Ping to Component FailureDetector of Node 2 failed")
		wantMessages(t, "server", p.serverLog, zap.InfoLevel, runsPing, "RPC Ping called by Component FailureDetector of Node 1 failed")
		fields := p.clientLog.All()[1].ContextMap()
		if fields["code"] != "NotFound" || fields["error"] != "no such thing" {
			t.Errorf("fields %v, want the code NotFound and the error", fields)
		}
		if _, ok := fields["duration"].(time.Duration); !ok {
			t.Errorf("duration is %v", fields["duration"])
		}
	})
}

func TestACallThatTimesOutIsLoggedWithTheTimeItTook(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPair(t, nil)
		wantCode(t, p.ping(t.Context(), "hang"), codes.DeadlineExceeded, "")
		close(p.stub.release)
		p.close()
		fields := p.clientLog.All()[1].ContextMap()
		if fields["code"] != "DeadlineExceeded" || fields["duration"] != 5*time.Second {
			t.Errorf("fields %v, want DeadlineExceeded after 5s", fields)
		}
	})
}

func quietPing(s *ServerConfig, c *PoolConfig) { s.Quiet, c.Quiet = []string{ping}, []string{ping} }

func TestAQuietCallThatSucceedsLeavesNoLine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPair(t, quietPing)
		if err := p.ping(t.Context(), ""); err != nil {
			t.Fatal(err)
		}
		p.close()
		if n := p.clientLog.Len() + p.serverLog.Len(); n != 0 {
			t.Errorf("%d lines, want none", n)
		}
	})
}

func TestAQuietCallThatFailsIsLoggedWithBothFactsAndTheirTimes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPair(t, quietPing)
		began := time.Now()
		wantCode(t, p.ping(t.Context(), "hang"), codes.DeadlineExceeded, "")
		close(p.stub.release)
		p.close()
		wantMessages(t, "client", p.clientLog, zap.InfoLevel, sendsPing, "RPC Ping to Component FailureDetector of Node 2 failed")
		lines := p.clientLog.All()
		if got := lines[0].Time.Sub(began); got != 0 {
			t.Errorf("the sends line has the time of %v after the call began, want 0", got)
		}
		if got := lines[1].Time.Sub(began); got != 5*time.Second {
			t.Errorf("the failed line has the time of %v after the call began, want 5s", got)
		}
	})
}

func TestHealthCallsAreLoggedAtDebugOnly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPair(t, nil)
		conn, release, err := p.pool.Get("node2:50052")
		if err != nil {
			t.Fatal(err)
		}
		defer release()
		client := healthpb.NewHealthClient(conn)
		if _, err := client.Check(t.Context(), &healthpb.HealthCheckRequest{}); err != nil {
			t.Fatal(err)
		}
		_, err = client.Check(t.Context(), &healthpb.HealthCheckRequest{Service: "nobody"})
		wantCode(t, err, codes.NotFound, "")
		p.close()
		wantMessages(t, "client", p.clientLog, zap.InfoLevel)
		wantMessages(t, "server", p.serverLog, zap.InfoLevel)
		if n := len(messages(p.serverLog, zap.DebugLevel)); n != 4 {
			t.Errorf("%d debug lines, want 4", n)
		}
	})
}

func TestAStreamIsLoggedWhenItOpensAndWhenItEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPair(t, nil)
		s := p.open(t.Context(), &grpc.StreamDesc{ServerStreams: true}, watch, "two")
		if err := s.CloseSend(); err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if err := s.RecvMsg(&text{}); err != nil {
				t.Fatal(err)
			}
		}
		wantMessages(t, "client", p.clientLog, zap.InfoLevel, "Component FailureDetector of Node 1 sends RPC Watch to Component FailureDetector of Node 2")
		wantMessages(t, "client", p.clientLog, zap.DebugLevel)
		if err := s.RecvMsg(&text{}); !errors.Is(err, io.EOF) {
			t.Fatalf("end of stream: %v", err)
		}
		p.close()
		wantMessages(t, "client", p.clientLog, zap.DebugLevel, "RPC Watch to Component FailureDetector of Node 2 done")
		wantMessages(t, "server", p.serverLog, zap.InfoLevel, "Component FailureDetector of Node 2 runs RPC Watch called by Component FailureDetector of Node 1")
		wantMessages(t, "server", p.serverLog, zap.DebugLevel, "RPC Watch called by Component FailureDetector of Node 1 done")
	})
}

func TestAnUpwardStreamEndsWithItsOneAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPair(t, nil)
		s := p.open(t.Context(), &grpc.StreamDesc{ClientStreams: true}, attach, "lease")
		if err := errors.Join(s.CloseSend(), s.RecvMsg(&text{})); err != nil {
			t.Fatal(err)
		}
		p.close()
		wantMessages(t, "client", p.clientLog, zap.DebugLevel, "RPC Attach to Component FailureDetector of Node 2 done")
	})
}

func TestAnAbandonedStreamIsLoggedWhenItsContextEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPair(t, nil)
		ctx, cancel := context.WithCancel(t.Context())
		p.open(ctx, &grpc.StreamDesc{ServerStreams: true}, watch, "stay")
		synctest.Wait()
		cancel() // and nobody reads any more
		synctest.Wait()
		p.close()
		wantMessages(t, "client", p.clientLog, zap.InfoLevel,
			"Component FailureDetector of Node 1 sends RPC Watch to Component FailureDetector of Node 2",
			"RPC Watch to Component FailureDetector of Node 2 failed")
		if got := p.clientLog.All()[1].ContextMap()["code"]; got != "Canceled" {
			t.Errorf("code %v, want Canceled", got)
		}
	})
}

// A peer of the seed's family sends no metadata; its message says who it is.
func TestACallerWithoutMetadataIsNamedFromItsMessage(t *testing.T) {
	for name, c := range map[string]struct {
		identify func(string, any) (string, string)
		want     string
	}{
		"by the message": {
			func(method string, request any) (string, string) {
				if method != ping {
					return "", ""
				}
				return "FailureDetector", request.(*text).GetValue()
			},
			"Component FailureDetector of Node 2 runs RPC Ping called by Component FailureDetector of Node localhost:50053"},
		"unknown": {nil, "Component FailureDetector of Node 2 runs RPC Ping called by Component unknown of Node unknown"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := newPair(t, func(s *ServerConfig, c2 *PoolConfig) { s.Identify, c2.Self = c.identify, Self{} })
				if err := p.ping(t.Context(), "localhost:50053"); err != nil {
					t.Fatal(err)
				}
				if got := <-p.stub.callers; got.Node != "" || got.Trace.IsZero() {
					t.Errorf("caller %+v, want no node and a new trace", got)
				}
				p.close()
				wantMessages(t, "server", p.serverLog, zap.InfoLevel, c.want)
			})
		})
	}
}

func TestANameCannotForgeALine(t *testing.T) {
	for name, want := range map[string]string{
		"":                           "unknown",
		"7":                          "7",
		"a.b-c_d":                    "a.b-c_d",
		"[::1]:50051":                "[::1]:50051",
		"1 runs RPC Leave called by": "invalid",
		"1\n2":                       "invalid",
		"\x1b[31m":                   "invalid",
		"é":                          "invalid",
		strings.Repeat("a", 261):     strings.Repeat("a", 261),
		strings.Repeat("a", 262):     "invalid",
	} {
		if got := nameable(name); got != want {
			t.Errorf("nameable(%q) = %q, want %q", name, got, want)
		}
	}
}

func TestAPanicWhileIdentifyingIsSurvived(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPair(t, func(s *ServerConfig, c *PoolConfig) {
			s.Identify, c.Self = func(string, any) (string, string) { panic("planted") }, Self{}
		})
		defer p.close()
		wantCode(t, p.ping(t.Context(), ""), codes.Internal, "internal error")
	})
}

func BenchmarkLinesOfACallWhenLoggingIsOff(b *testing.B) {
	l := newLines(zap.NewNop(), nil)
	for b.Loop() {
		l.sends(ping, party{"FailureDetector", "1"}, party{"FailureDetector", "2"}, trace.ID{}).end(nil)
	}
}
