package service

import (
	"context"
	"fmt"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/swimpair/swim/disseminator/membership"
	"github.com/swimpair/swim/internal/rpc"
	"github.com/swimpair/swim/proto/swim"
	"github.com/swimpair/swim/proto/swimpb"
	"github.com/swimpair/swim/proto/wire"
)

// disseminationServer answers other disseminators, and the own detector's reports.
type disseminationServer struct {
	swimpb.UnsafeDisseminationServer
	service *Service
}

// Disseminate takes in news, reports of the own detector, or the bare accusation of a peer
// of the seed's family.
func (d *disseminationServer) Disseminate(ctx context.Context, sent *swimpb.DisseminationRequest) (*swimpb.DisseminationResponse, error) {
	in, err := wire.ParseDissemination(sent)
	if err != nil {
		return nil, wire.ToStatus(err)
	}
	if len(in.Confirmations) > 0 || in.Serve != nil {
		if err := ownWord(ctx, in.Sender); err != nil {
			return nil, err
		}
	}
	switch {
	case len(in.Reports) > 0:
		err = d.takeReports(ctx, in)
		return wire.DisseminationAnswer{Success: err == nil}.Proto(), err
	case in.Failed != (wire.Target{}):
		return d.accuse(ctx, in)
	}
	s := d.service
	answer, err := s.news.Ask(ctx, func(number uint64) error {
		return s.actor.Send(ctx, membership.NewsReceived{
			Call: membership.Call(number), Sender: in.Sender, Members: in.Members,
			Confirmations: in.Confirmations, Accusation: in.Accusation, Serve: in.Serve, Trace: traceOf(ctx),
		})
	})
	if err != nil {
		return nil, wire.ToStatus(err)
	}
	return wire.DisseminationAnswer{
		Success: true, Newer: answer.Newer, DetectorDown: answer.DetectorDown, Unwell: answer.Unwell, Served: answer.Served,
		ResponderID: answer.ResponderID, ResponderInstance: answer.ResponderInstance,
	}.Proto(), nil
}

// takeReports believes the own detector only.
func (d *disseminationServer) takeReports(ctx context.Context, in wire.Dissemination) error {
	if err := d.service.ownDetector(ctx); err != nil {
		return err
	}
	for _, report := range in.Reports {
		if err := d.service.actor.Send(ctx, inputOf(report, traceOf(ctx))); err != nil {
			return wire.ToStatus(err)
		}
	}
	return nil
}

func inputOf(report wire.Report, trace swim.TraceID) membership.Input {
	switch r := report.(type) {
	case wire.PingMissed:
		return membership.PingMissed{Target: r.Member, Incarnation: r.Incarnation, Instance: r.Instance, Trace: trace}
	case wire.Heard:
		return membership.SuspectHeard{Suspect: r.Member, Incarnation: r.Incarnation, Instance: r.Instance, Trace: trace}
	case wire.ViewsDiffer:
		return membership.ViewsDiffer{Peer: r.Peer, Trace: trace}
	case wire.Unreachable:
		return membership.TargetUnreachable{
			Target: r.Member, Incarnation: r.Incarnation, Instance: r.Instance, Paths: r.Paths,
			CrashSeen: r.CrashSeen, Trace: trace,
		}
	case wire.Reached:
		return membership.ContactReached{Address: r.Address, Responder: r.Responder, Trace: trace}
	case wire.Missed:
		return membership.ContactMissed{Address: r.Address, Evidence: r.Evidence}
	default:
		panic(fmt.Sprintf("service: a report of type %T", report))
	}
}

func (d *disseminationServer) accuse(ctx context.Context, in wire.Dissemination) (*swimpb.DisseminationResponse, error) {
	s := d.service
	answer, err := s.bare.Ask(ctx, func(number uint64) error {
		return s.actor.Send(ctx, membership.BareAccusationReceived{
			Call: membership.Call(number), TargetID: in.Failed.ID, TargetAddress: in.Failed.Address, Trace: traceOf(ctx),
		})
	})
	if err != nil {
		return nil, wire.ToStatus(err)
	}
	return wire.DisseminationAnswer{Success: answer.Known}.Proto(), nil
}

// Join admits the caller once both its ports have been met.
func (d *disseminationServer) Join(ctx context.Context, sent *swimpb.JoinRequest) (*swimpb.JoinResponse, error) {
	in, err := wire.ParseJoin(sent)
	if err != nil {
		return nil, wire.ToStatus(err)
	}
	s := d.service
	answer, err := s.joins.Ask(ctx, func(number uint64) error {
		return s.actor.Send(ctx, membership.JoinReceived{
			Call: membership.Call(number), Address: in.Address, Member: in.Member, Trace: traceOf(ctx),
		})
	})
	if err == nil {
		err = refusal(answer.Refusal)
	}
	if err != nil {
		return nil, wire.ToStatus(err)
	}
	return wire.JoinAnswer{Addresses: liveDetectors(answer.Members), Members: answer.Members}.Proto(), nil
}

func liveDetectors(members []swim.Member) (addresses []swim.Address) {
	for _, m := range members {
		if m.State.Live() {
			addresses = append(addresses, m.DetectorAddress)
		}
	}
	return addresses
}

// Sync compares one page of the caller's table with this one.
func (d *disseminationServer) Sync(ctx context.Context, sent *swimpb.SyncRequest) (*swimpb.SyncResponse, error) {
	in, err := wire.ParseSync(sent)
	if err != nil {
		return nil, wire.ToStatus(err)
	}
	s := d.service
	answer, err := s.syncs.Ask(ctx, func(number uint64) error {
		return s.actor.Send(ctx, membership.SyncReceived{
			Call: membership.Call(number), Sender: in.Sender, Summaries: in.Summaries,
			Range: (*membership.IDRange)(in.Range), Members: in.Members, Trace: traceOf(ctx),
		})
	})
	if err != nil {
		return nil, wire.ToStatus(err)
	}
	return wire.SyncAnswer{Responder: answer.Responder, Newer: answer.Newer, Wanted: answer.Wanted}.Proto(), nil
}

// refusals are the errors that stand for the core's refusals.
var refusals = map[membership.RefusalKind]error{
	membership.RefusedConflict:     wire.ErrConflict,
	membership.RefusedUnreachable:  wire.ErrUnreachable,
	membership.RefusedLeaving:      wire.ErrLeaving,
	membership.RefusedFull:         wire.ErrFull,
	membership.RefusedUnknown:      wire.ErrUnknownMember,
	membership.RefusedLive:         wire.ErrStillLive,
	membership.RefusedDetectorDown: wire.ErrDetectorDown,
}

func refusal(r membership.Refusal) error {
	if r.Kind == 0 {
		return nil
	}
	return fmt.Errorf("%w: %s", refusals[r.Kind], r.Text)
}

// ownDetector refuses everybody but this node's detector.
func (s *Service) ownDetector(ctx context.Context) error {
	caller := rpc.CallerFrom(ctx)
	if caller.Component == detectorComponent && caller.Node == string(s.opts.Membership.Self.ID) {
		return nil
	}
	return status.Errorf(codes.PermissionDenied,
		"only the %s of node %s may do this; the caller is %q of node %q: start both halves with one NODE_ID",
		detectorComponent, s.opts.Membership.Self.ID, caller.Component, caller.Node)
}

// ownWord refuses everybody but the sender's disseminator: each confirmation shortens the
// life of a suspect, and a range makes this node call many, so nobody gives one in another's
// name.
func ownWord(ctx context.Context, sender swim.NodeID) error {
	caller := rpc.CallerFrom(ctx)
	if caller.Component == Component && caller.Node == string(sender) {
		return nil
	}
	return status.Errorf(codes.PermissionDenied,
		"only the %s of node %s may give its confirmations, or a range to serve; the caller is %q of node %q",
		Component, sender, caller.Component, caller.Node)
}

func traceOf(ctx context.Context) swim.TraceID { return swim.TraceID(rpc.CallerFrom(ctx).Trace) }

// identify names a caller of the seed's family, which names itself in the message only.
func identify(_ string, request any) (component, node string) {
	switch r := request.(type) {
	case *swimpb.DisseminationRequest:
		return detectorComponent, r.GetSenderId()
	case *swimpb.JoinRequest:
		return joinerComponent, r.GetNewNodeId()
	}
	return "", ""
}
