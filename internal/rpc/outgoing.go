package rpc

import (
	"context"
	"errors"
	"io"
	"sync"

	"github.com/swimpair/swim/internal/trace"
	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
)

// outgoing holds the client interceptors: they add who calls, and write the lines.
type outgoing struct {
	self  party
	pairs []string
	lines *lines
}

// prepare adds the metadata to ctx and writes the "sends" line.
func (o *outgoing) prepare(ctx context.Context, method string) (context.Context, *call) {
	id := trace.FromContext(ctx)
	if id.IsZero() {
		id = trace.New()
	}
	ctx = metadata.AppendToOutgoingContext(ctx, o.pairs...)
	ctx = metadata.AppendToOutgoingContext(ctx, keyTrace, trace.Format(id))
	to, _ := ctx.Value(peerKey{}).(party)
	return ctx, o.lines.sends(method, o.self, to, id)
}

func (o *outgoing) unary(ctx context.Context, method string, req, reply any, cc *grpc.ClientConn, invoke grpc.UnaryInvoker, opts ...grpc.CallOption) error {
	ctx, call := o.prepare(ctx, method)
	err := invoke(ctx, method, req, reply, cc, opts...)
	call.end(err)
	return err
}

func (o *outgoing) stream(ctx context.Context, desc *grpc.StreamDesc, cc *grpc.ClientConn, method string, open grpc.Streamer, opts ...grpc.CallOption) (grpc.ClientStream, error) {
	ctx, call := o.prepare(ctx, method)
	inner, err := open(ctx, desc, cc, method, opts...)
	if err != nil {
		call.end(err)
		return nil, err
	}
	s := &watchedStream{ClientStream: inner, call: call, single: !desc.ServerStreams}
	s.detach = context.AfterFunc(ctx, func() { s.note(ctx.Err()) })
	return s, nil
}

// watchedStream notices the end of a stream, which a client learns by reading: an error,
// or the one answer of an RPC that streams only upwards. A caller that reads no more must
// end its context, and that is noticed too.
type watchedStream struct {
	grpc.ClientStream
	call   *call
	single bool
	detach func() bool
	once   sync.Once
}

func (s *watchedStream) RecvMsg(m any) error {
	err := s.ClientStream.RecvMsg(m)
	switch {
	case errors.Is(err, io.EOF):
		s.end(nil)
	case err != nil || s.single:
		s.end(err)
	}
	return err
}

// end is for the reader of the stream, which has it only after detach is set.
func (s *watchedStream) end(err error) {
	s.detach()
	s.note(err)
}

func (s *watchedStream) note(err error) { s.once.Do(func() { s.call.end(err) }) }
