package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"syscall"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/swimpair/swim/internal/rpc"
	"github.com/swimpair/swim/proto/swim"
	"github.com/swimpair/swim/proto/swimpb"
	"github.com/swimpair/swim/proto/wire"
)

// componentName is how swimctl appears in the log of the node it asks.
const componentName = "swimctl"

// client is one connection to the Membership service of one node. It remembers why the
// latest dial failed, because gRPC tells only a sentence.
type client struct {
	swimpb.MembershipClient
	conn *grpc.ClientConn
	addr string
	node swim.NodeID // who answers there; empty before a watch has heard it

	mu      sync.Mutex
	dialErr error // of the latest dial
	dialled bool  // a dial has succeeded
}

// connect prepares the connection; nothing is dialled before the first call.
func connect(addr string) (*client, error) {
	c := &client{addr: addr}
	conn, err := grpc.NewClient("passthrough:///"+addr,
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithContextDialer(c.dial),
		grpc.WithNoProxy(),
		grpc.WithDisableServiceConfig(),
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(wire.MaxMessageBytes)),
	)
	if err != nil {
		return nil, &callError{fmt.Errorf("cannot use address %s: %w", addr, err)}
	}
	c.conn, c.MembershipClient = conn, swimpb.NewMembershipClient(conn)
	return c, nil
}

func (c *client) dial(ctx context.Context, addr string) (net.Conn, error) {
	conn, err := rpc.TCP{}.Dial(ctx, addr) // whose connections keep no node from its port
	c.mu.Lock()
	defer c.mu.Unlock()
	c.dialErr, c.dialled = err, c.dialled || err == nil
	return conn, err
}

// close ends the connection. Its error says nothing that the caller could act on.
func (c *client) close() { _ = c.conn.Close() }

// introduce says in the call's metadata who calls.
func introduce(ctx context.Context) context.Context {
	return metadata.AppendToOutgoingContext(ctx, "swim-component", componentName)
}

// callError is a failure of the asked node or of the way to it, not of the command line.
type callError struct{ error }

func (e *callError) Unwrap() error { return e.error }

// explain turns the error of a call into what the operator needs to know, and the cure.
func (c *client) explain(err error) error {
	s := status.Convert(err)
	c.mu.Lock()
	dialErr, dialled := c.dialErr, c.dialled
	c.mu.Unlock()
	switch {
	case !dialled && dialErr != nil:
		return &callError{fmt.Errorf("cannot reach %s: %s; is the disseminator of that node running? (port 50060 + node id)",
			c.addr, dialCause(dialErr))}
	case s.Code() == codes.Unimplemented:
		return &callError{fmt.Errorf("%s answers, but is no disseminator; a detector listens on 50050 + node id, its disseminator on 50060 + node id", c.addr)}
	case errors.Is(err, io.EOF), s.Code() == codes.Unavailable:
		// The message of the status is for programs: it tells them to connect again.
		return &callError{fmt.Errorf("%s has stopped, or the connection to it broke", c.who())}
	}
	return &callError{fmt.Errorf("%s does not answer as asked: %s (%s)", c.addr, s.Message(), s.Code())}
}

// who is at the other end, as exactly as is known.
func (c *client) who() string {
	if c.node == "" {
		return "the disseminator at " + c.addr
	}
	return fmt.Sprintf("node %s's disseminator at %s", c.node, c.addr)
}

// silent is the error of a node that does not answer in time.
func (c *client) silent(waited fmt.Stringer) error {
	return &callError{fmt.Errorf("no answer from %s within %s; its host may be unreachable, or the process frozen", c.addr, waited)}
}

// garbled is the error of a node whose answer breaks the contract.
func (c *client) garbled(err error) error {
	return &callError{fmt.Errorf("%s answers what this swimctl does not understand: %w; is it of another version?", c.addr, err)}
}

// dialCause returns the innermost reason of a failed dial: the words around it repeat the
// address.
func dialCause(err error) string {
	if dns, ok := errors.AsType[*net.DNSError](err); ok {
		return dns.Err
	}
	if errno, ok := errors.AsType[syscall.Errno](err); ok {
		return errno.Error()
	}
	return err.Error()
}
