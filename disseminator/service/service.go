// Package service is the disseminator's edge: it binds the pure core of package membership
// to gRPC, to the clock and to the log.
//
//	disseminators, own detector --Disseminate, Join, Sync--> dissemination.go --Input--> membership.Core
//	membership.Core (one goroutine) --Effect--> perform.go --Disseminate, Join, Sync--> disseminators
//	applications, own detector --ListMembers, WatchMembers, Attach ...--> members.go
//	membership.Core --Publish, Heartbeat--> watchers.go --stream--> applications, own detector
//
// Everything that blocks runs outside the loop, and comes back as an input.
package service

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"go.uber.org/zap"

	"github.com/swimpair/swim/disseminator/membership"
	"github.com/swimpair/swim/internal/actor"
	"github.com/swimpair/swim/internal/rpc"
	"github.com/swimpair/swim/proto/swim"
	"github.com/swimpair/swim/proto/swimpb"
)

// Names of the components, as the seed's log lines have them.
const (
	Component         = "Dissemination"
	detectorComponent = "FailureDetector"
	joinerComponent   = "NewNode"
	protocolVersion   = "1"
	pairHealth        = "swim.pair"
	// haltTime bounds a stop: longer than the core ever takes to say goodbye.
	haltTime = 6 * time.Second
	// conflictTime is how long a node that may not go on still tells its detector so, which
	// may be about to connect.
	conflictTime      = time.Second
	maxIdleConnection = 30 * time.Minute
)

// HealthServices are the names that the health service on the disseminator's port knows:
// the process, what it serves, and the pair, which serves while both halves are up.
var HealthServices = []string{
	"", swimpb.Dissemination_ServiceDesc.ServiceName, swimpb.Membership_ServiceDesc.ServiceName, pairHealth,
}

// Options of a Service. All but Dial and Clock are required.
type Options struct {
	Cluster    string
	Membership membership.Config
	// Listener is where other disseminators, applications and the own detector reach this one.
	Listener net.Listener
	Log      *zap.Logger
	// Dial replaces TCP; tests use it.
	Dial func(ctx context.Context, address string) (net.Conn, error)
	// Clock replaces time.Now; tests use it. Only the loop reads it: a clock that does not
	// answer is a process that stands still.
	Clock func() time.Time
}

// Service is one running disseminator.
type Service struct {
	opts   Options
	log    *zap.Logger
	start  time.Time
	core   *membership.Core
	actor  *actor.Actor[membership.Input, membership.Effect]
	server *rpc.Server
	pool   *rpc.Pool

	// Owned by the loop.
	watchers watchers
	history  history
	stepped  time.Duration // when the core has taken its latest input

	news       actor.Calls[membership.AnswerNews]
	bare       actor.Calls[membership.AnswerBareAccusation]
	joins      actor.Calls[membership.AnswerJoin]
	syncs      actor.Calls[membership.AnswerSync]
	operations actor.Calls[membership.AnswerOperator]
	work       sync.WaitGroup         // RPCs in flight
	attached   atomic.Uint64          // number of the latest Attach stream
	conflict   atomic.Pointer[string] // why this node may not go on, once it may not
	halted     chan membership.Halt
	ctx        context.Context
}

// New returns a service that is ready to Run.
func New(opts Options) *Service {
	if opts.Clock == nil {
		opts.Clock = time.Now
	}
	s := &Service{
		opts: opts, log: opts.Log, start: opts.Clock(),
		halted: make(chan membership.Halt, 1), history: newHistory(), watchers: watchers{},
	}
	node := string(opts.Membership.Self.ID)
	self := rpc.Self{Cluster: opts.Cluster, Node: node, Component: Component, Protocol: protocolVersion}
	s.core = membership.New(opts.Membership, rand.New(rand.NewPCG(rand.Uint64(), rand.Uint64())), s.now())
	s.actor = actor.New(machine{s}, membership.Input(membership.Tick{}), s.perform)
	s.pool = rpc.NewPool(rpc.PoolConfig{Self: self, Log: opts.Log, Dial: opts.Dial})
	s.server = rpc.NewServer(rpc.ServerConfig{
		Self: self, Log: opts.Log, Identify: identify, MaxConnectionIdle: maxIdleConnection,
	})
	swimpb.RegisterDisseminationServer(s.server, &disseminationServer{service: s})
	swimpb.RegisterMembershipServer(s.server, &membershipServer{service: s})
	for _, name := range HealthServices {
		s.server.Health().Set(name, name != pairHealth)
	}
	return s
}

// Run serves until ctx ends; then it says goodbye, in bounded time, and returns nil. It
// returns an error if it cannot serve, or if a live node holds this node's id.
func (s *Service) Run(ctx context.Context) error {
	running, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	s.ctx = running
	loop := sync.WaitGroup{}
	looping, stopLoop := context.WithCancel(running)
	defer stopLoop()
	loop.Go(func() { s.actor.Run(looping) })

	served := make(chan error, 1)
	go func() { served <- s.server.Serve(s.opts.Listener) }()
	self := s.opts.Membership.Self
	s.log.Info(fmt.Sprintf("Component %s of Node %s listening on %s", Component, self.ID, s.opts.Listener.Addr()),
		zap.String("detector_address", string(self.DetectorAddress)),
		zap.String("disseminator_address", string(self.DisseminatorAddress)),
		zap.Stringer("instance", self.Instance))

	var err error
	select {
	case err = <-served:
	case halt := <-s.halted:
		if err = haltError(halt); err != nil {
			stopLoop()               // this node says nothing more
			time.Sleep(conflictTime) // but why, to its detector
		}
	case <-ctx.Done():
		err = s.stop(running)
	}
	_ = s.server.Stop(time.Second) // while the loop still answers
	cancel()
	s.pool.Close()
	loop.Wait()
	s.work.Wait()
	return err
}

// stop asks the core to end, which tells the peers first.
func (s *Service) stop(ctx context.Context) error {
	s.log.Info("stopping")
	if err := s.actor.Send(ctx, membership.StopRequested{}); err != nil {
		return err
	}
	select {
	case <-s.halted:
	case <-time.After(haltTime):
		s.log.Warn("stopping without having told everybody")
	}
	return nil
}

// now is the core's time.
func (s *Service) now() swim.Now {
	wall := s.opts.Clock()
	return swim.Now{Mono: wall.Sub(s.start), Wall: wall}
}

// send hands the core an input from outside its loop.
func (s *Service) send(in membership.Input) { _ = s.actor.Send(s.ctx, in) }

// snapshot copies what the core knows, between two inputs.
func (s *Service) snapshot(ctx context.Context) (snapshot membership.Snapshot, err error) {
	err = s.actor.Do(ctx, func() { snapshot = s.look() })
	return snapshot, err
}

// look is a snapshot as of now; the core's own clock stands at its latest input. It runs on
// the loop.
func (s *Service) look() membership.Snapshot {
	snapshot := s.core.Snapshot()
	snapshot.Digest.Age += s.now().Mono - s.stepped
	return snapshot
}

// machine binds the core to the clock.
type machine struct{ s *Service }

func (m machine) Step(in membership.Input) []membership.Effect {
	now := m.s.now()
	m.s.stepped = now.Mono
	return m.s.core.Step(now, in)
}

func (m machine) Wait() time.Duration { return m.s.core.Deadline() - m.s.now().Mono }

func haltError(h membership.Halt) error {
	if h.Why == "" {
		return nil
	}
	return errors.New(h.Why)
}
