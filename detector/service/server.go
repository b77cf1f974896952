package service

import (
	"context"
	"time"

	"github.com/swimpair/swim/detector/probe"
	"github.com/swimpair/swim/internal/rpc"
	"github.com/swimpair/swim/proto/swim"
	"github.com/swimpair/swim/proto/swimpb"
	"github.com/swimpair/swim/proto/wire"
)

// proxyBudget is what a caller without a deadline gets as a proxy's patience.
const proxyBudget = time.Second

// server answers other detectors.
type server struct {
	swimpb.UnsafeFailureDetectorServer
	service *Service
}

// Ping answers through the core's loop: an ack means that the loop turns.
func (s *server) Ping(ctx context.Context, sent *swimpb.PingRequest) (*swimpb.PingResponse, error) {
	ping, err := wire.ParsePing(sent)
	if err != nil {
		return nil, wire.ToStatus(err)
	}
	answer, err := s.service.pings.Ask(ctx, func(number uint64) error {
		return s.service.actor.Send(ctx, probe.PingReceived{
			Call: probe.Call(number), TargetID: ping.Target.ID, TargetAddress: ping.Target.Address,
			TargetInstance: ping.TargetInstance,
			Sender:         ping.Sender, SenderInstance: ping.SenderInstance,
			DisseminatorDown: ping.DisseminatorDown, Digest: ping.Digest,
		})
	})
	if err != nil {
		return nil, wire.ToStatus(err)
	}
	return wire.PingAnswer{
		IsAlive: answer.IsAlive, Responder: answer.Responder, Nonce: ping.Nonce,
		DisseminatorDown: answer.DisseminatorDown, Digest: answer.Digest,
	}.Proto(), nil
}

// IndirectPing pings on behalf of the caller.
func (s *server) IndirectPing(ctx context.Context, sent *swimpb.IndirectPingRequest) (*swimpb.IndirectPingResponse, error) {
	ping, err := wire.ParseIndirectPing(sent)
	if err != nil {
		return nil, wire.ToStatus(err)
	}
	budget := proxyBudget
	if deadline, ok := ctx.Deadline(); ok {
		budget = min(budget, time.Until(deadline))
	}
	answer, err := s.service.indirectPings.Ask(ctx, func(number uint64) error {
		return s.service.actor.Send(ctx, probe.IndirectPingReceived{
			Call: probe.Call(number), TargetID: ping.Target.ID, TargetAddress: ping.Target.Address,
			TargetInstance: ping.TargetInstance, Budget: budget, Trace: swim.TraceID(rpc.CallerFrom(ctx).Trace),
		})
	})
	if err != nil {
		return nil, wire.ToStatus(err)
	}
	return wire.IndirectPingAnswer{Evidence: answer.Evidence, Nonce: ping.Nonce, TargetInstance: answer.Instance}.Proto(), nil
}

// identify names a caller of the seed's family, which names itself in the message only.
func identify(_ string, request any) (component, node string) {
	switch r := request.(type) {
	case *swimpb.PingRequest:
		return Component, r.GetSenderId()
	case *swimpb.IndirectPingRequest:
		return Component, r.GetRequesterId()
	}
	return "", ""
}
