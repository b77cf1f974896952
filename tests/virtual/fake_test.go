package virtual_test

import (
	"context"
	"testing"
	"time"

	"google.golang.org/grpc"

	"github.com/swimpair/swim/proto/swim"
	"github.com/swimpair/swim/proto/swimpb"
	"github.com/swimpair/swim/proto/wire"
	"github.com/swimpair/swim/tests/virtual"
)

// fake is all that a detector can hear: its own disseminator, and one other detector. It
// does as the test says, and shows the test what came over the wire.
type fake struct {
	swimpb.UnimplementedMembershipServer
	swimpb.UnimplementedDisseminationServer
	swimpb.UnimplementedFailureDetectorServer

	snapshot wire.Snapshot
	beats    chan wire.Heartbeat // to send; closed: the stream breaks
	answers  chan wire.PingAnswer
	pings    chan wire.Ping
	reports  chan wire.Report
}

// startFake serves at the addresses of the own disseminator and of the other detector.
func startFake(net *virtual.Net, self, other swim.Member) (f *fake, stop func()) {
	f = &fake{
		snapshot: wire.Snapshot{Node: wire.NodeStatus{ID: self.ID, Instance: self.Instance}, Members: []swim.Member{self, other}},
		beats:    make(chan wire.Heartbeat), answers: make(chan wire.PingAnswer),
		pings: make(chan wire.Ping, 100), reports: make(chan wire.Report, 100),
	}
	server := grpc.NewServer()
	swimpb.RegisterMembershipServer(server, f)
	swimpb.RegisterDisseminationServer(server, f)
	swimpb.RegisterFailureDetectorServer(server, f)
	own, others := net.Listen(self.ID, self.DisseminatorAddress), net.Listen(other.ID, other.DetectorAddress)
	go func() { _ = server.Serve(own) }()
	go func() { _ = server.Serve(others) }()
	return f, server.Stop
}

func (f *fake) WatchMembers(_ *swimpb.WatchMembersRequest, stream swimpb.Membership_WatchMembersServer) error {
	if err := stream.Send(wire.Watch{Revision: 1, Event: f.snapshot}.Proto()); err != nil {
		return err
	}
	for {
		beat, open := wire.Heartbeat{}, true
		select {
		case <-stream.Context().Done():
			return stream.Context().Err()
		case <-time.After(500 * time.Millisecond):
		case beat, open = <-f.beats:
		}
		if !open {
			return nil
		}
		if err := stream.Send(wire.Watch{Revision: 1, Event: beat}.Proto()); err != nil {
			return err
		}
	}
}

func (f *fake) Attach(stream swimpb.Membership_AttachServer) error {
	<-stream.Context().Done()
	return nil
}

func (f *fake) Disseminate(_ context.Context, sent *swimpb.DisseminationRequest) (*swimpb.DisseminationResponse, error) {
	in, err := wire.ParseDissemination(sent)
	for _, report := range in.Reports {
		f.reports <- report
	}
	return &swimpb.DisseminationResponse{Success: true}, err
}

// Ping is not answered before the test gives an answer.
func (f *fake) Ping(ctx context.Context, sent *swimpb.PingRequest) (*swimpb.PingResponse, error) {
	ping, err := wire.ParsePing(sent)
	if err != nil {
		return nil, err
	}
	f.pings <- ping
	select {
	case answer := <-f.answers:
		answer.Nonce = ping.Nonce
		return answer.Proto(), nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// within waits for the next thing that comes over the wire.
func within[V any](t *testing.T, limit time.Duration, from <-chan V, what string) V {
	t.Helper()
	select {
	case v := <-from:
		return v
	case <-time.After(limit):
		t.Fatalf("no %s within %s", what, limit)
		panic("unreachable")
	}
}
