package main

import (
	"context"
	"fmt"
	"io"
	"sync/atomic"
	"time"

	"github.com/spf13/cobra"

	"github.com/swimpair/swim/proto/swimpb"
	"github.com/swimpair/swim/proto/wire"
)

func newWatchCommand(opts *options) *cobra.Command {
	return &cobra.Command{
		Use:   "watch",
		Short: "Print the members that a node knows, then every change until Ctrl-C",
		Long: `Print the members that a node knows, then every change until Ctrl-C.

The lines of the list come first ("is alive", in JSON "snapshot": true); a watcher that fell
behind gets them again. If the node stops answering, swimctl says so and exits with 1.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return watchMembers(cmd.Context(), opts, cmd.OutOrStdout())
		},
	}
}

// watchMembers prints until the context ends, which is no error, or the stream does.
func watchMembers(ctx context.Context, opts *options, out io.Writer) error {
	c, err := connect(opts.addr)
	if err != nil {
		return err
	}
	defer c.close()
	callCtx, cancel := context.WithCancel(introduce(ctx))
	defer cancel()
	guard := newSilenceGuard(opts.timeout, cancel)
	defer guard.stop()

	stream, err := c.WatchMembers(callCtx, &swimpb.WatchMembersRequest{})
	for err == nil {
		var message *swimpb.WatchMembersResponse
		if message, err = stream.Recv(); err != nil {
			break
		}
		watch, err := wire.ParseWatch(message)
		if err != nil {
			return c.garbled(err)
		}
		guard.heard(watch.Event)
		if snapshot, ok := watch.Event.(wire.Snapshot); ok {
			c.node = snapshot.Node.ID
		}
		if err := printChanges(out, opts.format, changesOf(watch, opts.now())); err != nil {
			return err
		}
	}
	switch {
	case ctx.Err() != nil:
		return nil
	case guard.expired.Load():
		return c.silent(guard.limit)
	case c.node != "":
		return fmt.Errorf("the watch is over: %w", c.explain(err))
	}
	return c.explain(err)
}

func printChanges(out io.Writer, f format, changes []change) error {
	write := printChangeLine
	if f == formatJSON {
		write = printChangeJSON
	}
	for _, line := range changes {
		if err := write(out, line); err != nil {
			return &callError{fmt.Errorf("cannot print: %w", err)}
		}
	}
	return nil
}

// silenceGuard ends a call whose stream says nothing for too long: the node's heartbeats
// make a frozen or unreachable node differ from a quiet one.
type silenceGuard struct {
	limit   time.Duration
	timer   *time.Timer
	expired atomic.Bool
}

func newSilenceGuard(limit time.Duration, end func()) *silenceGuard {
	g := &silenceGuard{limit: limit}
	g.timer = time.AfterFunc(limit, func() { g.expired.Store(true); end() })
	return g
}

// heard postpones the end. A node with a long protocol period (a heartbeat comes each half
// of it) is given two of its periods, however short the limit.
func (g *silenceGuard) heard(event wire.Event) {
	if snapshot, ok := event.(wire.Snapshot); ok {
		for _, m := range snapshot.Members {
			if m.ID == snapshot.Node.ID {
				g.limit = max(g.limit, 2*m.ProbeInterval)
			}
		}
	}
	g.timer.Reset(g.limit)
}

func (g *silenceGuard) stop() { g.timer.Stop() }
