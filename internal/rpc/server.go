package rpc

import (
	"context"
	"errors"
	"fmt"
	"net"
	"time"

	"go.uber.org/zap"
	"google.golang.org/grpc"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/keepalive"
	"google.golang.org/grpc/reflection"
)

const (
	// maxMessage bounds a message in both directions, on servers and clients: pages of a
	// table fit, a whole big one must be paged. gRPC's 4 MiB would be an amplifier.
	maxMessage = 256 << 10
	// maxStreams per connection bounds the handlers that one peer can keep busy; gRPC has
	// no limit.
	maxStreams = 128
	// maxHeaders bounds the memory for metadata; gRPC's default is 16 MiB.
	maxHeaders = 8 << 10
	// readBuffer of a connection holds a message but for large pages; gRPC's own is 32 KiB,
	// which a node that talks to a hundred others has two hundred times.
	readBuffer = 2 << 10
	// lastWait is how long handlers may ignore the end of their contexts at a stop.
	lastWait = time.Second
)

// ServerConfig says what a Server needs. Self and Log are required.
type ServerConfig struct {
	Self Self
	Log  *zap.Logger
	// Quiet lists full methods ("/swim.FailureDetector/Ping") whose log lines are left out
	// while they succeed. A failure is logged with both lines.
	Quiet []string
	// Identify names the caller for the log when its metadata does not: a peer of the
	// seed's family names itself in the message. request is nil for streams. Optional.
	Identify func(fullMethod string, request any) (component, node string)
	// MaxConnectionIdle closes a connection without calls after this time; 0 is never.
	MaxConnectionIdle time.Duration
}

// Server is a gRPC server with health and reflection. Register services, then Serve.
type Server struct {
	grpc        *grpc.Server
	health      *Health
	log         *zap.Logger
	stopStreams context.CancelFunc
}

// NewServer returns a server that serves health (all NOT_SERVING until told otherwise) and
// reflection.
func NewServer(cfg ServerConfig) *Server {
	stopping, stopStreams := context.WithCancel(context.Background())
	in := &incoming{
		admission: &admission{self: cfg.Self, log: cfg.Log},
		self:      party{cfg.Self.Component, cfg.Self.Node},
		lines:     newLines(cfg.Log, cfg.Quiet),
		identify:  cfg.Identify,
		stopping:  stopping,
	}
	rescue := recovery{cfg.Log}
	s := &Server{
		// Recovery stands on both sides: inside, so that the log lines see its error;
		// outside, for a panic in Identify.
		grpc: grpc.NewServer(append(serverLimits(cfg),
			grpc.ChainUnaryInterceptor(rescue.unary, in.unary, rescue.unary),
			grpc.ChainStreamInterceptor(rescue.stream, in.stream, rescue.stream))...),
		health:      newHealth(),
		log:         cfg.Log,
		stopStreams: stopStreams,
	}
	healthpb.RegisterHealthServer(s.grpc, s.health.server)
	reflection.Register(s.grpc)
	return s
}

func serverLimits(cfg ServerConfig) []grpc.ServerOption {
	return []grpc.ServerOption{
		grpc.Creds(transport()),
		grpc.MaxConcurrentStreams(maxStreams),
		grpc.MaxRecvMsgSize(maxMessage),
		grpc.MaxSendMsgSize(maxMessage),
		grpc.MaxHeaderListSize(maxHeaders),
		grpc.ReadBufferSize(readBuffer),
		// A window of fixed size: otherwise gRPC measures the path, with a ping and its answer
		// for each small message.
		grpc.StaticStreamWindowSize(maxMessage),
		grpc.StaticConnWindowSize(maxMessage),
		// A connection that does not say HTTP/2 in time is closed: garbage, slow loris.
		grpc.ConnectionTimeout(5 * time.Second),
		// Half-open connections of hosts that vanished must not pile up.
		grpc.KeepaliveParams(keepalive.ServerParameters{
			MaxConnectionIdle: cfg.MaxConnectionIdle,
			Time:              30 * time.Second,
			Timeout:           10 * time.Second,
		}),
		// Clients in other languages may ping more often than gRPC's 5 minutes allow.
		grpc.KeepaliveEnforcementPolicy(keepalive.EnforcementPolicy{MinTime: 5 * time.Second, PermitWithoutStream: true}),
		// After Stop nothing of a handler runs any more, so the process may take apart
		// what handlers use.
		grpc.WaitForHandlers(true),
	}
}

// RegisterService makes Server a grpc.ServiceRegistrar. Call it before Serve.
func (s *Server) RegisterService(desc *grpc.ServiceDesc, impl any) {
	s.grpc.RegisterService(desc, impl)
}

// Health is the server's health service.
func (s *Server) Health() *Health { return s.health }

// Serve accepts connections until Stop, with a cap on their number, in total and per
// remote address. It closes lis. After Stop it returns nil, also when Stop came first.
func (s *Server) Serve(lis net.Listener) error {
	err := s.grpc.Serve(newCappedListener(lis, s.log))
	if errors.Is(err, grpc.ErrServerStopped) {
		return nil
	}
	return err
}

// Stop tells health watchers NOT_SERVING, ends the contexts of streams, and lets running
// calls finish for at most grace; then it closes all connections. It returns an error,
// soon after grace at the latest, when handlers run on although their contexts have
// ended. Calling it again is harmless.
func (s *Server) Stop(grace time.Duration) error {
	s.health.server.Shutdown()
	s.stopStreams()
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		s.grpc.GracefulStop()
	}()
	select {
	case <-ended:
		return nil
	case <-time.After(grace):
	}
	go s.grpc.Stop() // GracefulStop returns with it
	select {
	case <-ended:
		return nil
	case <-time.After(lastWait):
		return fmt.Errorf("rpc: some calls are still running %v after the server stopped: their handlers ignore the end of their context", grace+lastWait)
	}
}
