package main

import (
	"context"
	"net"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"

	"github.com/swimpair/swim/proto/swim"
	"github.com/swimpair/swim/proto/swimpb"
	"github.com/swimpair/swim/proto/wire"
)

// fakeNode is a Membership service that answers with what the test put into it. It is a
// real gRPC server on a real port, so that the whole way of swimctl is under test.
type fakeNode struct {
	swimpb.UnimplementedMembershipServer
	list   wire.List
	pages  map[string]wire.List // by token: those after the first
	events []wire.Watch
	after  func(context.Context) error // what the stream does after the events
	seen   chan metadata.MD            // metadata of each call
}

// start serves the node until the test ends, and returns its address.
func (f *fakeNode) start(t *testing.T) string {
	t.Helper()
	f.seen = make(chan metadata.MD, 10)
	server := grpc.NewServer()
	swimpb.RegisterMembershipServer(server, f)
	return serve(t, server)
}

func serve(t *testing.T, server *grpc.Server) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- server.Serve(listener) }()
	t.Cleanup(func() {
		server.Stop()
		if err := <-done; err != nil {
			t.Errorf("the fake node's server: %v", err)
		}
	})
	return listener.Addr().String()
}

func (f *fakeNode) ListMembers(ctx context.Context, in *swimpb.ListMembersRequest) (*swimpb.ListMembersResponse, error) {
	f.note(ctx)
	if f.after != nil {
		if err := f.after(ctx); err != nil {
			return nil, err
		}
	}
	if token := in.GetPageToken(); token != "" {
		return f.pages[token].Proto(), nil
	}
	return f.list.Proto(), nil
}

func (f *fakeNode) WatchMembers(_ *swimpb.WatchMembersRequest, stream swimpb.Membership_WatchMembersServer) error {
	f.note(stream.Context())
	for _, event := range f.events {
		if err := stream.Send(event.Proto()); err != nil {
			return err
		}
	}
	if f.after == nil {
		return nil
	}
	return f.after(stream.Context())
}

func (f *fakeNode) note(ctx context.Context) {
	md, _ := metadata.FromIncomingContext(ctx)
	f.seen <- md
}

// hang answers nothing until the caller gives up.
func hang(ctx context.Context) error {
	<-ctx.Done()
	return ctx.Err()
}

var noon = time.Date(2026, 3, 1, 12, 0, 1, 123456789, time.UTC)

var status1 = wire.NodeStatus{
	ID: "1", Cluster: "swim", Instance: 0xa1, Incarnation: 1772366400000, Version: "test", Detector: "up",
}

func member(id swim.NodeID, state swim.State, reason swim.Reason, accuser swim.NodeID) swim.Member {
	return swim.Member{
		ID: id, State: state, Reason: reason, Accuser: accuser,
		Incarnation: 1772366400000, Instance: 0xa1, ProbeInterval: 30 * time.Millisecond,
		DetectorAddress:     swim.Address("127.0.0.1:5005" + string(id)),
		DisseminatorAddress: swim.Address("127.0.0.1:5006" + string(id)),
	}
}

// oneOfEach has a member in every state, the rows that an operator can meet.
func oneOfEach() []swim.Member {
	return []swim.Member{
		member("1", swim.Alive, swim.Joined, ""),
		member("2", swim.Suspect, swim.DetectorDown, "2"),
		member("3", swim.Failed, swim.Unreachable, "1"),
		member("4", swim.Left, swim.SaidGoodbye, ""),
		member("5", swim.Forgotten, swim.ForgottenByHand, ""),
		{State: swim.Contact, DetectorAddress: "node6.example:50056"},
	}
}

// story is a watch with every kind of line: the list, a death, a return, a newcomer, a
// removal, and a heartbeat, which is not printed.
func story() []wire.Watch {
	back := member("5", swim.Alive, swim.Joined, "")
	back.Incarnation++
	at := func(ms time.Duration) time.Time { return noon.Add(ms * time.Millisecond) }
	contact := swim.Member{State: swim.Contact, DetectorAddress: "node6.example:50056"}
	return []wire.Watch{
		{Revision: 7, Event: wire.Snapshot{Node: status1, Members: []swim.Member{
			member("1", swim.Alive, swim.Joined, ""), member("5", swim.Alive, swim.Joined, ""), contact,
		}}},
		{Revision: 7, Event: wire.Heartbeat{}},
		{Revision: 8, Event: wire.Change{Member: member("5", swim.Failed, swim.Unreachable, "3"), Previous: swim.Alive, Time: at(500)}},
		{Revision: 9, Event: wire.Change{Member: back, Previous: swim.Failed, Time: at(2500)}},
		{Revision: 10, Event: wire.Change{Member: member("6", swim.Alive, swim.Joined, ""), Time: at(3000)}},
		{Revision: 11, Event: wire.Change{Member: contact, Previous: swim.Contact, Removed: true, Time: at(3000)}},
	}
}
