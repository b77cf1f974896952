package rpc

import (
	"context"

	"github.com/swimpair/swim/internal/trace"
	"google.golang.org/grpc/metadata"
)

// Metadata keys of every call.
const (
	keyCluster   = "swim-cluster"
	keyNode      = "swim-node"
	keyComponent = "swim-component"
	keyProtocol  = "swim-protocol"
	keyTrace     = "traceparent"
)

// Self is what this process says of itself in every call that it makes, and what it
// compares its callers with. Empty fields are not sent.
type Self struct {
	Cluster   string // name that all nodes of one cluster share
	Node      string // node id
	Component string // for the log lines: FailureDetector, Dissemination, swimctl
	Protocol  string // version of the protocol between nodes
}

// Caller is what the other side said of itself. All but Trace are empty for a caller that
// sends no metadata; nothing in here is proven.
type Caller struct {
	Cluster   string
	Node      string
	Component string
	Protocol  string
	// Trace is the caller's, or a new one if it sent none. Never zero.
	Trace trace.ID
}

type callerKey struct{}

// CallerFrom returns who made the call that a handler serves; zero outside of a handler.
func CallerFrom(ctx context.Context) Caller {
	caller, _ := ctx.Value(callerKey{}).(Caller)
	return caller
}

// withCaller also sets the trace, so that the calls of a handler continue it.
func withCaller(ctx context.Context, caller Caller) context.Context {
	return trace.NewContext(context.WithValue(ctx, callerKey{}, caller), caller.Trace)
}

// readCaller takes the caller from the metadata of an incoming call. A traceparent that is
// not one counts as none.
func readCaller(ctx context.Context) Caller {
	md, _ := metadata.FromIncomingContext(ctx)
	caller := Caller{
		Cluster:   first(md, keyCluster),
		Node:      first(md, keyNode),
		Component: first(md, keyComponent),
		Protocol:  first(md, keyProtocol),
	}
	id, ok := trace.Parse(first(md, keyTrace))
	if !ok {
		id = trace.New()
	}
	caller.Trace = id
	return caller
}

func first(md metadata.MD, key string) string {
	if values := md[key]; len(values) > 0 {
		return values[0]
	}
	return ""
}

// pairs returns the metadata of self as AppendToOutgoingContext wants it.
func (s Self) pairs() []string {
	var kv []string
	for _, f := range [][2]string{
		{keyCluster, s.Cluster}, {keyNode, s.Node}, {keyComponent, s.Component}, {keyProtocol, s.Protocol},
	} {
		if f[1] != "" {
			kv = append(kv, f[0], f[1])
		}
	}
	return kv
}

type peerKey struct{}

// WithPeer says whom the calls under ctx go to, for the log lines: an address does not
// tell which node lives there. Without it the lines say "unknown".
func WithPeer(ctx context.Context, component, node string) context.Context {
	return context.WithValue(ctx, peerKey{}, party{component, node})
}

// WithTrace makes the calls under ctx part of the story id. Without it each call begins a
// story of its own, except in a handler, whose calls continue the caller's.
func WithTrace(ctx context.Context, id trace.ID) context.Context {
	return trace.NewContext(ctx, id)
}
