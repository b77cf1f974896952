package rpc

import (
	"context"
	"runtime/debug"

	"go.uber.org/zap"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// recovery turns a panic in a handler into an error for that one caller. One bad message
// must not take the node down, or a cluster could be felled one node after the other.
type recovery struct{ log *zap.Logger }

func (r recovery) unary(ctx context.Context, req any, info *grpc.UnaryServerInfo, handle grpc.UnaryHandler) (resp any, err error) {
	defer r.rescue(info.FullMethod, &err)
	return handle(ctx, req)
}

func (r recovery) stream(srv any, ss grpc.ServerStream, info *grpc.StreamServerInfo, handle grpc.StreamHandler) (err error) {
	defer r.rescue(info.FullMethod, &err)
	return handle(srv, ss)
}

// rescue must be deferred itself, since recover works only there.
func (r recovery) rescue(method string, err *error) {
	p := recover()
	if p == nil {
		return
	}
	r.log.Error("panic while serving a call: this is a bug, please report it with this line",
		zap.String("method", method), zap.Any("panic", p), zap.ByteString("stack", debug.Stack()))
	*err = status.Error(codes.Internal, "internal error while serving "+method+": see the log of the server")
}
