package service

import (
	"context"
	"errors"
	"fmt"
	"syscall"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/swimpair/swim/disseminator/membership"
	"github.com/swimpair/swim/internal/rpc"
	"github.com/swimpair/swim/internal/trace"
	"github.com/swimpair/swim/proto/swim"
	"github.com/swimpair/swim/proto/swimpb"
	"github.com/swimpair/swim/proto/wire"
)

// perform does what the core wants done. It runs on the core's loop and never waits.
func (s *Service) perform(e membership.Effect) {
	switch e := e.(type) {
	case membership.Disseminate:
		s.work.Go(func() { s.send(s.disseminate(e)) })
	case membership.Knock:
		s.work.Go(func() { s.send(s.knock(e)) })
	case membership.Sync:
		s.work.Go(func() { s.send(s.sync(e)) })
	case membership.Join:
		s.work.Go(func() { s.send(s.join(e)) })
	case membership.AnswerNews:
		s.news.Answer(uint64(e.Call), e)
	case membership.AnswerBareAccusation:
		s.bare.Answer(uint64(e.Call), e)
	case membership.AnswerJoin:
		s.joins.Answer(uint64(e.Call), e)
	case membership.AnswerSync:
		s.syncs.Answer(uint64(e.Call), e)
	case membership.AnswerOperator:
		s.operations.Answer(uint64(e.Call), e)
	case membership.Publish:
		s.publish(watchOf(e.Change))
	case membership.Heartbeat:
		s.publish(wire.Watch{Revision: e.Revision, Event: wire.Heartbeat{
			Digest: e.Digest, LeaseRequested: e.LeaseRequested,
			ProbeRequested: e.ProbeRequested, PartitionSuspected: e.PartitionSuspected,
		}})
	case membership.Halt:
		s.halt(e)
	case membership.Event:
		s.history.add(time.Now(), e)
		s.tell(e)
	}
}

// halt ends the process; the first one counts. A conflict ends the streams with its
// reason, so that the own detector ends for it too.
func (s *Service) halt(e membership.Halt) {
	if e.Why != "" { // before Run hears of it and ends all streams without a reason
		s.conflict.CompareAndSwap(nil, &e.Why)
		s.dropWatchers()
	}
	select {
	case s.halted <- e:
	default:
	}
}

func (s *Service) disseminate(e membership.Disseminate) membership.NewsEnded {
	ended := membership.NewsEnded{Number: e.Number}
	ctx, cancel := s.callContext(string(e.To.ID), e.Timeout, e.Trace)
	defer cancel()
	var sent *swimpb.DisseminationResponse
	var err error
	ended.Evidence, err = s.call(ctx, e.To.DisseminatorAddress, func(conn grpc.ClientConnInterface) (err error) {
		sent, err = swimpb.NewDisseminationClient(conn).Disseminate(ctx, wire.Dissemination{
			Sender: s.opts.Membership.Self.ID, Members: e.Members, Accusation: e.Accusation, Confirmations: e.Confirmations, Serve: e.Serve,
		}.Proto())
		return err
	})
	if err != nil {
		return ended
	}
	answer, err := wire.ParseDisseminationAnswer(sent)
	if err != nil {
		s.senseless("Disseminate", e.To.DisseminatorAddress, err)
		ended.Evidence = swim.None
		return ended
	}
	ended.Newer, ended.Served = answer.Newer, answer.Served
	ended.DetectorDown, ended.Unwell = answer.DetectorDown, answer.Unwell
	ended.ResponderID, ended.ResponderInstance = answer.ResponderID, answer.ResponderInstance
	return ended
}

// knock asks the kernel of a host whether it takes connections at a port.
func (s *Service) knock(e membership.Knock) membership.KnockEnded {
	ctx, cancel := context.WithTimeout(s.ctx, e.Timeout)
	defer cancel()
	err := s.pool.Knock(ctx, string(e.Address))
	ended := membership.KnockEnded{Number: e.Number, Evidence: swim.Silent}
	switch {
	case err == nil, s.ctx.Err() != nil:
		ended.Evidence = swim.None
	case errors.Is(err, syscall.ECONNREFUSED):
		ended.Evidence = swim.Refused
	}
	return ended
}

func (s *Service) sync(e membership.Sync) membership.SyncEnded {
	ended := membership.SyncEnded{Number: e.Number}
	node := string(e.ID)
	if node == "" {
		node = string(e.Address)
	}
	ctx, cancel := s.callContext(node, e.Timeout, e.Trace)
	defer cancel()
	var sent *swimpb.SyncResponse
	var err error
	ended.Evidence, err = s.call(ctx, e.Address, func(conn grpc.ClientConnInterface) (err error) {
		sent, err = swimpb.NewDisseminationClient(conn).Sync(ctx, wire.Sync{
			Sender: e.Sender, Summaries: e.Summaries, Range: (*wire.Range)(e.Range), Members: e.Members,
		}.Proto())
		return err
	})
	if err != nil {
		return ended
	}
	answer, err := wire.ParseSyncAnswer(sent)
	if err != nil {
		s.senseless("Sync", e.Address, err)
		ended.Evidence = swim.None
		return ended
	}
	ended.Responder, ended.Newer, ended.Wanted = answer.Responder, answer.Newer, answer.Wanted
	return ended
}

func (s *Service) join(e membership.Join) membership.JoinEnded {
	ended := membership.JoinEnded{Number: e.Number}
	ctx, cancel := s.callContext(string(e.Address), e.Timeout, e.Trace)
	defer cancel()
	var sent *swimpb.JoinResponse
	_, err := s.call(ctx, e.Address, func(conn grpc.ClientConnInterface) (err error) {
		sent, err = swimpb.NewDisseminationClient(conn).Join(ctx, wire.Join{
			ID: e.Member.ID, Address: e.Member.DetectorAddress, Member: e.Member,
		}.Proto())
		return err
	})
	var answer wire.JoinAnswer
	if err == nil {
		answer, err = wire.ParseJoinAnswer(sent)
	}
	if err != nil {
		err = wire.FromStatus(err)
		ended.Why, ended.Conflict = s.reason(e.Address, err), errors.Is(err, wire.ErrConflict)
	}
	ended.Members = answer.Members
	return ended
}

func (s *Service) callContext(node string, timeout time.Duration, id swim.TraceID) (context.Context, context.CancelFunc) {
	ctx := rpc.WithTrace(rpc.WithPeer(s.ctx, Component, node), trace.ID(id))
	return context.WithTimeout(ctx, timeout)
}

// call makes one RPC and says how the path ended. A failure that is only the echo of an
// older dial proves nothing: the call is made again on the outcome of a fresh one.
func (s *Service) call(ctx context.Context, address swim.Address, rpc func(grpc.ClientConnInterface) error) (swim.Evidence, error) {
	started := time.Now()
	conn, release, err := s.pool.Get(string(address))
	if err != nil {
		return swim.None, err
	}
	defer release()
	s.pool.ResetBackoff(string(address))
	err = rpc(conn)
	dialErr, at := s.pool.LastDialError(string(address))
	echo := status.Code(err) == codes.Unavailable && dialErr != nil && !at.After(started)
	if echo && s.pool.AwaitDial(ctx, string(address), started) {
		err = rpc(conn)
		dialErr, at = s.pool.LastDialError(string(address))
	}
	switch status.Code(err) {
	case codes.OK:
		return swim.Acked, nil
	case codes.DeadlineExceeded, codes.Unavailable:
		if errors.Is(dialErr, syscall.ECONNREFUSED) && at.After(started) {
			return swim.Refused, err
		}
		return swim.Silent, err
	case codes.Canceled:
		return swim.None, err
	default: // something answered, but not a disseminator of this cluster
		return swim.WrongTarget, err
	}
}

// reason tells people why a call failed, without the layers that the error went through.
func (s *Service) reason(address swim.Address, err error) string {
	switch status.Code(err) {
	case codes.Unimplemented:
		return "no disseminator is served there; disseminators listen on 50060 + node id"
	case codes.Unavailable, codes.DeadlineExceeded:
		if dialErr, _ := s.pool.LastDialError(string(address)); dialErr != nil {
			return dialErr.Error()
		}
	}
	return status.Convert(err).Message()
}

func (s *Service) senseless(name string, address swim.Address, err error) {
	s.log.Warn(fmt.Sprintf("the answer to %s from %s makes no sense: %v", name, address, err))
}
