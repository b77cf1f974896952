package service

import (
	"context"
	"errors"
	"syscall"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/peer"
	"google.golang.org/grpc/status"

	"github.com/swimpair/swim/detector/probe"
	"github.com/swimpair/swim/internal/rpc"
	"github.com/swimpair/swim/internal/trace"
	"github.com/swimpair/swim/proto/swim"
	"github.com/swimpair/swim/proto/swimpb"
	"github.com/swimpair/swim/proto/wire"
)

// perform does what the core wants done. It runs on the core's loop and never waits.
func (s *Service) perform(e probe.Effect) {
	switch e := e.(type) {
	case probe.Ping:
		s.keep(e)
		s.work.Go(func() { s.pingPatiently(e) })
	case probe.LetGo:
		s.letGo(e.Address)
	case probe.Knock:
		s.work.Go(func() { s.send(s.knock(e)) })
	case probe.IndirectPing:
		s.work.Go(func() { s.send(s.indirectPing(e)) })
	case probe.AnswerPing:
		s.pings.Answer(uint64(e.Call), e)
	case probe.AnswerIndirectPing:
		s.indirectPings.Answer(uint64(e.Call), e)
	case probe.ReportPingMissed:
		s.pair.enqueue(e.Trace, wire.PingMissed{
			Member: e.Target.ID, Incarnation: e.Target.Incarnation, Instance: e.Target.Instance,
		})
	case probe.ReportHeard:
		s.pair.enqueue(e.Trace, wire.Heard{
			Member: e.Suspect.ID, Incarnation: e.Suspect.Incarnation, Instance: e.Suspect.Instance,
		})
	case probe.ReportViewsDiffer:
		s.pair.enqueue(e.Trace, wire.ViewsDiffer{Peer: e.Peer})
	case probe.ReportUnreachable:
		s.pair.enqueue(e.Trace, wire.Unreachable{
			Member: e.Target.ID, Incarnation: e.Target.Incarnation, Instance: e.Target.Instance, Paths: e.Paths,
			CrashSeen: e.CrashSeen,
		})
	case probe.ReportReached:
		s.pair.enqueue(e.Trace, wire.Reached{Address: e.Address, Responder: e.Responder})
	case probe.ReportMissed:
		s.pair.enqueue(e.Trace, wire.Missed{Address: e.Address, Evidence: e.Evidence})
	case probe.SendLease:
		s.pair.lease(e)
	case probe.Event:
		s.tell(e)
	}
}

// pingPatiently tells how a ping ended when that is needed, and of an ack that comes later.
func (s *Service) pingPatiently(e probe.Ping) {
	if e.LateFor == 0 {
		s.send(s.ping(e))
		return
	}
	started, ended := time.Now(), make(chan probe.PingEnded, 1)
	s.work.Go(func() { ended <- s.ping(e) })
	inTime := time.NewTimer(e.Timeout)
	defer inTime.Stop()
	select {
	case in := <-ended:
		s.send(in)
		return
	case <-inTime.C:
	}
	s.send(probe.PingEnded{Number: e.Number, Evidence: s.unanswered(e.Address, started), Why: "no answer in " + e.Timeout.String()})
	if in := <-ended; in.Evidence == swim.Acked {
		s.send(in)
	}
}

// unanswered tells a refusal by the kernel over there from silence. It comes from our own
// dialler, never from the channel's error, which may be old.
func (s *Service) unanswered(address swim.Address, since time.Time) swim.Evidence {
	if err, at := s.pool.LastDialError(string(address)); errors.Is(err, syscall.ECONNREFUSED) && at.After(since) {
		return swim.Refused
	}
	return swim.Silent
}

// ping asks one detector. The call waits for a connection until its time-out, so that a
// peer which starts anew within the period is reached.
func (s *Service) ping(e probe.Ping) probe.PingEnded {
	ended := probe.PingEnded{Number: e.Number}
	target := wire.Target{ID: e.Target}
	node := string(e.Target)
	if e.Target == "" {
		target, node = wire.Target{Address: e.Address}, string(e.Address)
	}
	ctx, cancel := s.callContext(node, e.Timeout+e.LateFor, e.Trace)
	defer cancel()
	var sent *swimpb.PingResponse
	var via peer.Peer
	ended.Evidence, ended.Why = s.call(e.Address, func(conn grpc.ClientConnInterface) (err error) {
		sent, err = swimpb.NewFailureDetectorClient(conn).Ping(ctx, wire.Ping{
			Sender: s.opts.Probe.Self, Target: target, TargetInstance: e.Instance, Nonce: uint64(e.Number),
			SenderInstance: e.SenderInstance, Digest: e.Digest, DisseminatorDown: e.DisseminatorDown,
		}.Proto(), grpc.WaitForReady(true), grpc.Peer(&via))
		return err
	})
	if ended.Evidence != swim.Acked {
		return ended
	}
	ended.Connection = probe.ConnectionNumber(rpc.ConnectionOf(&via))
	answer, err := wire.ParsePingAnswer(sent)
	switch {
	case err != nil:
		s.log.Warn("a ping got an answer that makes no sense", addressField(e.Address), errorField(err))
		ended.Evidence = swim.None
	case !answer.IsAlive:
		ended.Evidence, ended.Responder = swim.WrongTarget, answer.Responder
		ended.Why = "it says that it is not the one who was asked"
	default:
		ended.Responder = answer.Responder
		ended.DisseminatorDown, ended.Digest = answer.DisseminatorDown, answer.Digest
	}
	return ended
}

// indirectPing asks one proxy. Whatever goes wrong on the way to it says nothing about the
// target.
func (s *Service) indirectPing(e probe.IndirectPing) probe.IndirectPingEnded {
	ended := probe.IndirectPingEnded{Number: e.Number, Proxy: e.Proxy.ID, Evidence: swim.None}
	ctx, cancel := s.callContext(string(e.Proxy.ID), e.Timeout, e.Trace)
	defer cancel()
	var sent *swimpb.IndirectPingResponse
	evidence, _ := s.call(e.Proxy.DetectorAddress, func(conn grpc.ClientConnInterface) (err error) {
		sent, err = swimpb.NewFailureDetectorClient(conn).IndirectPing(ctx, wire.IndirectPing{
			Requester: s.opts.Probe.Self, Target: wire.Target{ID: e.Target}, TargetInstance: e.Instance, Nonce: uint64(e.Number),
		}.Proto(), grpc.WaitForReady(true))
		return err
	})
	if evidence != swim.Acked {
		return ended
	}
	answer, err := wire.ParseIndirectPingAnswer(sent)
	if err != nil {
		s.log.Warn("a proxy gave an answer that makes no sense", addressField(e.Proxy.DetectorAddress), errorField(err))
		return ended
	}
	other := e.Instance != 0 && answer.TargetInstance != 0 && answer.TargetInstance != e.Instance
	switch {
	case answer.Nonce != uint64(e.Number):
	case answer.Evidence == swim.Acked && other:
		ended.Evidence = swim.WrongTarget
	default:
		ended.Evidence = answer.Evidence
	}
	return ended
}

func (s *Service) callContext(node string, timeout time.Duration, id swim.TraceID) (context.Context, context.CancelFunc) {
	ctx := rpc.WithTrace(rpc.WithPeer(s.ctx, Component, node), trace.ID(id))
	return context.WithTimeout(ctx, timeout)
}

// call makes one RPC and says how the path ended, and to people why.
func (s *Service) call(address swim.Address, rpc func(grpc.ClientConnInterface) error) (evidence swim.Evidence, why string) {
	started := time.Now()
	conn, release, err := s.pool.Get(string(address))
	if err != nil {
		return swim.None, err.Error()
	}
	defer release()
	s.pool.ResetBackoff(string(address))
	err = rpc(conn)
	why = status.Convert(err).Message()
	switch status.Code(err) {
	case codes.OK:
		return swim.Acked, ""
	case codes.DeadlineExceeded, codes.Unavailable:
		return s.unanswered(address, started), why
	case codes.Unimplemented:
		return swim.WrongTarget, "no detector is served there; detectors listen on 50050 + node id"
	case codes.FailedPrecondition, codes.InvalidArgument, codes.PermissionDenied, codes.Unauthenticated:
		return swim.WrongTarget, why // something answered, but not a detector of this cluster
	default: // a fault on the way or over there; it says nothing
		return swim.None, why
	}
}
