package rpc

import (
	"context"

	"go.uber.org/zap"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/peer"
	"google.golang.org/grpc/status"
)

// admission refuses callers of another cluster or protocol before any handler sees them:
// two clusters whose addresses got mixed up must not merge. A caller that says nothing
// is served, as a peer of the seed's family.
type admission struct {
	self Self
	log  *zap.Logger
	warn limiter
}

func (a *admission) check(ctx context.Context, caller Caller) error {
	var err error
	switch {
	case caller.Cluster != "" && caller.Cluster != a.self.Cluster:
		err = status.Errorf(codes.FailedPrecondition,
			"you are of cluster %q, I am of cluster %q: set SWIM_CLUSTER alike or correct the address", short(caller.Cluster), a.self.Cluster)
	case caller.Protocol != "" && caller.Protocol != a.self.Protocol:
		err = status.Errorf(codes.FailedPrecondition,
			"you speak protocol %q, I speak protocol %q: run versions of both nodes that speak the same", short(caller.Protocol), a.self.Protocol)
	default:
		return nil
	}
	if skipped, ok := a.warn.allow(); ok {
		fields := []zap.Field{
			zap.String("told", status.Convert(err).Message()),
			zap.String("from_component", nameable(caller.Component)),
			zap.String("from_node", nameable(caller.Node)),
			zap.Int("not_logged_before", skipped),
		}
		if p, ok := peer.FromContext(ctx); ok {
			fields = append(fields, zap.Stringer("from_address", p.Addr))
		}
		a.log.Warn("refused a caller that does not belong here", fields...)
	}
	return err
}

// short bounds what an answer repeats of the question.
func short(s string) string {
	if len(s) > 64 {
		return s[:64] + "..."
	}
	return s
}
