package rpc

import (
	"context"
	"errors"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// incoming holds the server interceptors: they read who calls, refuse strangers, and
// write the lines.
type incoming struct {
	admission *admission
	self      party
	lines     *lines
	identify  func(fullMethod string, request any) (component, node string)
	// stopping ends when the server stops; it ends the contexts of all streams.
	stopping context.Context
}

func (i *incoming) unary(ctx context.Context, req any, info *grpc.UnaryServerInfo, handle grpc.UnaryHandler) (any, error) {
	ctx, call, err := i.prepare(ctx, info.FullMethod, req)
	if err != nil {
		return nil, err
	}
	resp, err := handle(ctx, req)
	call.end(err)
	return resp, err
}

// stream serves a stream with a context that also ends when the server stops, because
// watchers stay for ever and a graceful stop would wait for them.
func (i *incoming) stream(srv any, ss grpc.ServerStream, info *grpc.StreamServerInfo, handle grpc.StreamHandler) error {
	ctx, call, err := i.prepare(ss.Context(), info.FullMethod, nil)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(i.stopping, cancel)()
	err = handle(srv, &servedStream{ss, ctx})
	cancelled := errors.Is(err, context.Canceled) || status.Code(err) == codes.Canceled
	if cancelled && i.stopping.Err() != nil && ss.Context().Err() == nil {
		// The client did not cancel anything, and may find another server.
		err = status.Error(codes.Unavailable, "this server is stopping: reconnect")
	}
	call.end(err)
	return err
}

// prepare decides whether the call may run, and writes the "runs" line if so.
func (i *incoming) prepare(ctx context.Context, method string, req any) (context.Context, *call, error) {
	caller := readCaller(ctx)
	if err := i.admission.check(ctx, caller); err != nil {
		return nil, nil, err
	}
	from := party{caller.Component, caller.Node}
	if from == (party{}) && i.identify != nil {
		from.component, from.node = i.identify(method, req)
	}
	return withCaller(ctx, caller), i.lines.runs(method, from, i.self, caller.Trace), nil
}

// servedStream replaces the context of a stream.
type servedStream struct {
	grpc.ServerStream
	ctx context.Context
}

func (s *servedStream) Context() context.Context { return s.ctx }
