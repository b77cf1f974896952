package service

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/swimpair/swim/disseminator/membership"
	"github.com/swimpair/swim/proto/swim"
	"github.com/swimpair/swim/proto/swimpb"
	"github.com/swimpair/swim/proto/wire"
)

// membershipServer answers applications, operators and the own detector.
type membershipServer struct {
	swimpb.UnsafeMembershipServer
	service *Service
}

// ListMembers returns one page of the table as it is now.
func (m *membershipServer) ListMembers(ctx context.Context, sent *swimpb.ListMembersRequest) (*swimpb.ListMembersResponse, error) {
	token, err := wire.ParseListRequest(sent)
	if err != nil {
		return nil, wire.ToStatus(err)
	}
	snapshot, err := m.service.snapshot(ctx)
	if err != nil {
		return nil, wire.ToStatus(err)
	}
	page, rest := wire.FirstPage(rowsFrom(snapshot, token))
	list := wire.List{Node: m.service.status(snapshot), Members: page, Revision: snapshot.Revision}
	if len(rest) > 0 {
		list.NextToken = tokenOf(rest[0])
	}
	return list.Proto(), nil
}

// tokenOf names a row as the start of a page. Contacts have no id, and come last.
func tokenOf(row swim.Member) string {
	if row.State == swim.Contact {
		return "~" + string(row.DetectorAddress) // "~" sorts after every character of an id
	}
	return string(row.ID)
}

// rowsFrom returns all rows, or those from a token on.
func rowsFrom(snapshot membership.Snapshot, token string) []swim.Member {
	rows := slices.Concat(snapshot.Members, snapshot.Contacts)
	return slices.DeleteFunc(rows, func(row swim.Member) bool { return tokenOf(row) < token })
}

func (s *Service) status(snapshot membership.Snapshot) wire.NodeStatus {
	const shown = 200 // bytes; the contract has a limit
	detector := "up"
	if down := snapshot.DetectorDown; down != "" {
		detector = "down: " + strings.ToValidUTF8(down[:min(len(down), shown)], "")
	}
	self := snapshot.Self
	return wire.NodeStatus{
		ID: self.ID, Cluster: s.opts.Cluster, Instance: self.Instance, Incarnation: self.Incarnation,
		Version: self.Version, Detector: detector,
		Digest: snapshot.Digest, PartitionSuspected: snapshot.PartitionSuspected,
	}
}

// WatchMembers sends a snapshot and then every change; after an overflow, a new snapshot.
func (m *membershipServer) WatchMembers(_ *swimpb.WatchMembersRequest, stream swimpb.Membership_WatchMembersServer) error {
	s := m.service
	for {
		if why := s.conflict.Load(); why != nil {
			return wire.ToStatus(fmt.Errorf("%w: %s", wire.ErrConflict, *why))
		}
		w, snapshot, err := s.subscribe(stream.Context())
		if err != nil {
			return wire.ToStatus(err)
		}
		err = s.serveWatcher(stream, w, snapshot)
		s.unsubscribe(w)
		if err != nil && s.conflict.Load() == nil {
			return wire.ToStatus(err)
		}
	}
}

// serveWatcher returns nil when the watcher fell behind and needs a new snapshot.
func (s *Service) serveWatcher(stream swimpb.Membership_WatchMembersServer, w *watcher, snapshot membership.Snapshot) error {
	if err := s.sendSnapshot(stream, snapshot); err != nil {
		return err
	}
	for {
		select {
		case <-stream.Context().Done():
			return stream.Context().Err()
		case message, more := <-w.messages:
			if !more {
				return nil
			}
			if err := stream.Send(message.Proto()); err != nil {
				return err
			}
		}
	}
}

func (s *Service) sendSnapshot(stream swimpb.Membership_WatchMembersServer, snapshot membership.Snapshot) error {
	rest := rowsFrom(snapshot, "")
	for more := true; more; {
		var page []swim.Member
		page, rest = wire.FirstPage(rest)
		more = len(rest) > 0
		message := wire.Watch{Revision: snapshot.Revision, Event: wire.Snapshot{
			Node: s.status(snapshot), Members: page, More: more,
		}}
		if err := stream.Send(message.Proto()); err != nil {
			return err
		}
	}
	return nil
}

// Attach takes the leases of the own detector.
func (m *membershipServer) Attach(stream swimpb.Membership_AttachServer) error {
	s := m.service
	if err := s.ownDetector(stream.Context()); err != nil {
		return err
	}
	number := s.attached.Add(1)
	err := s.takeLeases(stream)
	if s.attached.Load() == number { // else a newer stream has taken over
		s.send(membership.DetectorDetached{Why: detachedText(err)})
	}
	if err == io.EOF {
		return stream.SendAndClose(&swimpb.AttachResponse{})
	}
	return wire.ToStatus(err)
}

// takeLeases returns io.EOF if the detector closed its stream.
func (s *Service) takeLeases(stream swimpb.Membership_AttachServer) error {
	for {
		sent, err := stream.Recv()
		if err != nil {
			return err
		}
		lease, err := wire.ParseLease(sent)
		if err != nil {
			return err
		}
		s.send(membership.LeaseReceived{Stopping: lease.Stopping, Unwell: lease.Unwell})
	}
}

func detachedText(err error) string {
	if err == io.EOF {
		return "it closed its stream"
	}
	return "its stream broke: " + status.Convert(err).Message()
}

// Explain returns the latest events about a member.
func (m *membershipServer) Explain(ctx context.Context, sent *swimpb.ExplainRequest) (*swimpb.ExplainResponse, error) {
	id, err := wire.ParseExplain(sent)
	if err != nil {
		return nil, wire.ToStatus(err)
	}
	s := m.service
	response := &swimpb.ExplainResponse{}
	err = s.actor.Do(ctx, func() {
		for _, row := range s.core.Snapshot().Members {
			if row.ID == id {
				response.Member = wire.FromMember(row)
			}
		}
		response.Occurrences = s.history.of(id)
	})
	if err == nil && response.Member == nil {
		err = fmt.Errorf("%w: no member has the id %s", wire.ErrUnknownMember, id)
	}
	if err != nil {
		return nil, wire.ToStatus(err)
	}
	return response, nil
}

// SetTags replaces this node's tags.
func (m *membershipServer) SetTags(ctx context.Context, sent *swimpb.SetTagsRequest) (*swimpb.SetTagsResponse, error) {
	tags, err := wire.ParseSetTags(sent)
	if err != nil {
		return nil, wire.ToStatus(err)
	}
	self, err := m.operate(ctx, func(call membership.Call) membership.Input {
		return membership.TagsRequested{Call: call, Tags: tags}
	})
	if err != nil {
		return nil, err
	}
	return &swimpb.SetTagsResponse{Member: wire.FromMember(self)}, nil
}

// Leave takes this node out of the cluster.
func (m *membershipServer) Leave(ctx context.Context, _ *swimpb.LeaveRequest) (*swimpb.LeaveResponse, error) {
	if _, err := m.operate(ctx, func(call membership.Call) membership.Input {
		return membership.LeaveRequested{Call: call}
	}); err != nil {
		return nil, err
	}
	return &swimpb.LeaveResponse{}, nil
}

// Forget removes a failed or left member from every table.
func (m *membershipServer) Forget(ctx context.Context, sent *swimpb.ForgetRequest) (*swimpb.ForgetResponse, error) {
	id, err := wire.ParseForget(sent)
	if err != nil {
		return nil, wire.ToStatus(err)
	}
	if _, err := m.operate(ctx, func(call membership.Call) membership.Input {
		return membership.ForgetRequested{Call: call, ID: id}
	}); err != nil {
		return nil, err
	}
	return &swimpb.ForgetResponse{}, nil
}

func (m *membershipServer) operate(ctx context.Context, request func(membership.Call) membership.Input) (swim.Member, error) {
	s := m.service
	answer, err := s.operations.Ask(ctx, func(number uint64) error {
		return s.actor.Send(ctx, request(membership.Call(number)))
	})
	if err == nil {
		err = refusal(answer.Refusal)
	}
	return answer.Member, wire.ToStatus(err)
}

// tooMany refuses a watcher beyond the limit.
func tooMany() error {
	return status.Errorf(codes.ResourceExhausted, "%d watchers are served already: close some, or watch another node", maxWatchers)
}
