// Package service is the detector's edge: it binds the pure core of package probe to
// gRPC, to the clock and to the log.
//
//	other detectors --Ping, IndirectPing--> server.go --Input--> probe.Core (one goroutine)
//	probe.Core --Effect--> perform.go --Ping, IndirectPing--> other detectors
//	own disseminator --WatchMembers--> pair.go --Input--> probe.Core
//	probe.Core --SendLease, Report*--> pair.go --Attach, Disseminate--> own disseminator
//
// Everything that blocks runs outside the loop, and comes back as an input.
package service

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"sync"
	"time"

	"go.uber.org/zap"

	"github.com/swimpair/swim/detector/probe"
	"github.com/swimpair/swim/internal/actor"
	"github.com/swimpair/swim/internal/rpc"
	"github.com/swimpair/swim/proto/swim"
	"github.com/swimpair/swim/proto/swimpb"
)

// Names of the components, as the seed's log lines have them.
const (
	Component         = "FailureDetector"
	pairedComponent   = "Dissemination"
	protocolVersion   = "1"
	pairHealth        = "swim.pair"
	stopGrace         = 3 * time.Second
	maxIdleConnection = 5 * time.Minute
	// idleConnections stay open besides those to the members that this node observes.
	idleConnections = 8
)

// HealthServices are the names that the health service on the detector's port knows: the
// process, what it serves, and the pair, which serves while both halves are up.
var HealthServices = []string{"", swimpb.FailureDetector_ServiceDesc.ServiceName, pairHealth}

// Options of a Service. All but Dial and Clock are required.
type Options struct {
	Cluster string
	Probe   probe.Config
	// Disseminator is where this node's own disseminator is dialled.
	Disseminator swim.Address
	// Listener is where other detectors reach this one.
	Listener net.Listener
	Log      *zap.Logger
	// Quiet leaves out the log lines of pings that succeed.
	Quiet bool
	// Dial replaces TCP; tests use it.
	Dial func(ctx context.Context, address string) (net.Conn, error)
	// Clock replaces time.Now; tests use it. Only the loop reads it: a clock that does not
	// answer is a process that stands still.
	Clock func() time.Time
}

// Service is one running detector.
type Service struct {
	opts   Options
	log    *zap.Logger
	start  time.Time
	core   *probe.Core
	actor  *actor.Actor[probe.Input, probe.Effect]
	server *rpc.Server
	pool   *rpc.Pool
	pair   *pair
	kept   map[swim.Address]func() // releases of the connections that stay open; owned by the loop

	pings         actor.Calls[probe.AnswerPing]
	indirectPings actor.Calls[probe.AnswerIndirectPing]
	failed        chan error
	work          sync.WaitGroup // RPCs in flight
	ctx           context.Context
}

// New returns a service that is ready to Run.
func New(opts Options) *Service {
	if opts.Clock == nil {
		opts.Clock = time.Now
	}
	s := &Service{opts: opts, log: opts.Log, start: opts.Clock(), failed: make(chan error, 1), kept: map[swim.Address]func(){}}
	self := rpc.Self{Cluster: opts.Cluster, Node: string(opts.Probe.Self), Component: Component, Protocol: protocolVersion}
	var quiet []string
	if opts.Quiet {
		quiet = []string{swimpb.FailureDetector_Ping_FullMethodName}
	}
	s.core = probe.New(opts.Probe, rand.New(rand.NewPCG(rand.Uint64(), rand.Uint64())), s.now())
	s.actor = actor.New(machine{s}, probe.Input(probe.Tick{}), s.perform)
	s.pool = rpc.NewPool(rpc.PoolConfig{Self: self, Log: opts.Log, Quiet: quiet, MaxIdle: idleConnections, Dial: opts.Dial, Ended: s.connectionEnded})
	s.server = rpc.NewServer(rpc.ServerConfig{
		Self: self, Log: opts.Log, Quiet: quiet, Identify: identify, MaxConnectionIdle: maxIdleConnection,
	})
	swimpb.RegisterFailureDetectorServer(s.server, &server{service: s})
	s.pair = newPair(s)
	for _, name := range HealthServices {
		s.server.Health().Set(name, name != pairHealth)
	}
	return s
}

// Run serves until ctx ends, and then for as long as its disseminator needs to say
// goodbye (at most stopGrace). It returns nil if it was asked to stop, and an error if it
// cannot serve, or if a live node holds this node's id.
func (s *Service) Run(ctx context.Context) error {
	running, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	s.ctx = running
	loops := sync.WaitGroup{}
	loops.Go(func() { s.actor.Run(running) })
	loops.Go(func() { s.pair.watch(running) })
	loops.Go(func() { s.pair.attach(running) })
	loops.Go(func() { s.pair.report(running) })

	served := make(chan error, 1)
	go func() { served <- s.server.Serve(s.opts.Listener) }()
	s.log.Info(fmt.Sprintf("Component %s of Node %s listening on %s", Component, s.opts.Probe.Self, s.opts.Listener.Addr()),
		zap.String("disseminator", string(s.opts.Disseminator)))

	var err error
	select {
	case err = <-served:
	case err = <-s.failed:
	case <-ctx.Done():
		s.stop(running)
	}
	_ = s.server.Stop(time.Second) // while the loop still answers
	cancel()
	s.pool.Close()
	loops.Wait()
	s.work.Wait()
	return err
}

// stop tells the other half, and goes on answering pings while that says goodbye: a node
// that is leaving in order must not look like one that crashed.
func (s *Service) stop(ctx context.Context) {
	s.log.Info("stopping: waiting for the disseminator to say goodbye")
	if s.actor.Send(ctx, probe.Stopping{}) != nil {
		return
	}
	select {
	case <-s.pair.gone():
	case <-time.After(stopGrace):
	}
}

// fail ends Run with an error.
func (s *Service) fail(err error) {
	select {
	case s.failed <- err:
	default: // the first one counts
	}
}

// now is the core's time.
func (s *Service) now() swim.Now {
	wall := s.opts.Clock()
	return swim.Now{Mono: wall.Sub(s.start), Wall: wall}
}

// send hands the core an input from outside its loop.
func (s *Service) send(in probe.Input) { _ = s.actor.Send(s.ctx, in) }

// machine binds the core to the clock.
type machine struct{ s *Service }

func (m machine) Step(in probe.Input) []probe.Effect { return m.s.core.Step(m.s.now(), in) }
func (m machine) Wait() time.Duration                { return m.s.core.Deadline() - m.s.now().Mono }
