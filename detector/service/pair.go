package service

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/swimpair/swim/detector/probe"
	"github.com/swimpair/swim/internal/rpc"
	"github.com/swimpair/swim/internal/trace"
	"github.com/swimpair/swim/proto/swim"
	"github.com/swimpair/swim/proto/swimpb"
	"github.com/swimpair/swim/proto/wire"
)

const (
	// reconnectDelay is the pause between two streams to the own disseminator. The call
	// itself waits for the connection.
	reconnectDelay = 200 * time.Millisecond
	// reportTimeout bounds the telling of one report.
	reportTimeout = time.Second
	// maxReports wait to be told; a surplus is dropped, since the next period finds the
	// same again.
	maxReports = 256
)

// pair is this half's connection to the other: one stream in (WatchMembers), one stream
// out (Attach), and the reports.
type pair struct {
	service *Service
	leases  chan wire.Lease // room for one: only the newest matters
	number  uint64          // of the latest lease; touched by the loop alone
	reports chan report
	// streams holds one channel, which is closed when the latest watch stream breaks.
	streams chan chan struct{}
}

type report struct {
	trace swim.TraceID
	what  wire.Report
}

func newPair(s *Service) *pair {
	p := &pair{
		service: s,
		leases:  make(chan wire.Lease, 1),
		reports: make(chan report, maxReports),
		streams: make(chan chan struct{}, 1),
	}
	noStream := make(chan struct{})
	close(noStream)
	p.streams <- noStream
	return p
}

// gone is closed once the stream from the disseminator is broken; at once if there is none.
func (p *pair) gone() <-chan struct{} {
	stream := <-p.streams
	p.streams <- stream
	return stream
}

func (p *pair) replaceStream(stream chan struct{}) {
	<-p.streams
	p.streams <- stream
}

// keep runs one stream after another until ctx ends.
func (p *pair) keep(ctx context.Context, stream func(ctx context.Context, client swimpb.MembershipClient) error, ended func(error)) {
	s := p.service
	conn, release, err := s.pool.Get(string(s.opts.Disseminator))
	if err != nil {
		return
	}
	defer release()
	ctx = rpc.WithPeer(ctx, pairedComponent, string(s.opts.Probe.Self))
	for ctx.Err() == nil {
		if err := stream(ctx, swimpb.NewMembershipClient(conn)); ctx.Err() == nil {
			ended(err)
		}
		select {
		case <-ctx.Done():
		case <-time.After(reconnectDelay):
		}
	}
}

// watch turns the stream of the membership into inputs.
func (p *pair) watch(ctx context.Context) {
	p.keep(ctx, p.watchOnce, func(err error) {
		if err = wire.FromStatus(err); errors.Is(err, wire.ErrConflict) {
			p.service.fail(err) // the other half has ended for that reason
		}
		p.service.send(probe.DisseminatorLost{Why: status.Convert(err).Message()})
	})
}

func (p *pair) watchOnce(ctx context.Context, client swimpb.MembershipClient) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	stream, err := client.WatchMembers(ctx, &swimpb.WatchMembersRequest{}, grpc.WaitForReady(true))
	if err != nil {
		return err
	}
	open := make(chan struct{})
	defer close(open)
	var snapshot []swim.Member
	for {
		sent, err := stream.Recv()
		if err == io.EOF {
			return fmt.Errorf("the disseminator ended the stream")
		}
		if err != nil {
			return err
		}
		if snapshot, err = p.takeIn(sent, snapshot); err != nil {
			return err
		}
		p.replaceStream(open)
	}
}

// takeIn hands one message of the stream to the core. The rows of a snapshot that comes in
// several messages are gathered first.
func (p *pair) takeIn(sent *swimpb.WatchMembersResponse, gathered []swim.Member) ([]swim.Member, error) {
	s := p.service
	message, err := wire.ParseWatch(sent)
	if err != nil {
		return nil, err
	}
	switch e := message.Event.(type) {
	case wire.Snapshot:
		if e.Node.ID != s.opts.Probe.Self {
			return nil, fmt.Errorf("the disseminator at %s is of node %s, this detector is of node %s: start both halves with one NODE_ID",
				s.opts.Disseminator, e.Node.ID, s.opts.Probe.Self)
		}
		gathered = append(gathered, e.Members...)
		if e.More {
			return gathered, nil
		}
		s.send(probe.ViewReplaced{Members: gathered})
	case wire.Change:
		s.send(probe.ViewChanged{Member: e.Member, Removed: e.Removed})
	case wire.Heartbeat:
		s.send(probe.HeartbeatReceived{LeaseRequested: e.LeaseRequested, ProbeRequested: e.ProbeRequested})
	}
	return nil, nil
}

// lease replaces the lease that waits to be sent. Called on the loop.
func (p *pair) lease(e probe.SendLease) {
	p.number++
	select {
	case <-p.leases:
	default:
	}
	p.leases <- wire.Lease{Number: p.number, Stopping: e.Stopping, Unwell: e.Unwell}
}

// attach sends the leases.
func (p *pair) attach(ctx context.Context) {
	p.keep(ctx, p.attachOnce, func(err error) {
		if status.Code(err) == codes.PermissionDenied {
			p.service.log.Warn("the disseminator does not take this detector for its own: " + status.Convert(err).Message())
		}
	})
}

func (p *pair) attachOnce(ctx context.Context, client swimpb.MembershipClient) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	stream, err := client.Attach(ctx, grpc.WaitForReady(true))
	if err != nil {
		return err
	}
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-stream.Context().Done():
			_, err := stream.CloseAndRecv()
			return err
		case lease := <-p.leases:
			if stream.Send(lease.Proto()) != nil {
				_, err := stream.CloseAndRecv() // which has the reason
				return err
			}
		}
	}
}

// enqueue takes in a report for the disseminator. Called on the loop.
func (p *pair) enqueue(id swim.TraceID, what wire.Report) {
	select {
	case p.reports <- report{trace: id, what: what}:
	default:
		p.service.log.Warn("a report to the disseminator is dropped: too many are waiting")
	}
}

// report tells the disseminator what the probes found, in order.
func (p *pair) report(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case r := <-p.reports:
			p.tell(ctx, r)
		}
	}
}

func (p *pair) tell(ctx context.Context, r report) {
	s := p.service
	ctx = rpc.WithTrace(rpc.WithPeer(ctx, pairedComponent, string(s.opts.Probe.Self)), trace.ID(r.trace))
	ctx, cancel := context.WithTimeout(ctx, reportTimeout)
	defer cancel()
	conn, release, err := s.pool.Get(string(s.opts.Disseminator))
	if err != nil {
		return
	}
	defer release()
	// A report that does not arrive is not repeated: the next period finds the same again.
	_, _ = swimpb.NewDisseminationClient(conn).Disseminate(ctx, wire.Dissemination{
		Sender: s.opts.Probe.Self, Reports: []wire.Report{r.what},
	}.Proto())
}
