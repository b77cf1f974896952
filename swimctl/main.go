// Command swimctl asks the disseminator of a node for the membership and prints it: the members
// as they are now, or every change as it happens, or whether all nodes see the same. It only
// reads, and it is nothing but a client of the Membership service in swim.proto.
//
// Exit codes: 0 done (also when a watch is ended by Ctrl-C), 1 the node could not be
// asked or stopped answering, or the views do not agree, 2 the command line is wrong.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr, time.Now)
	stop()
	os.Exit(code)
}

// run is main without the process: the clock serves the times of rows that come without one.
func run(ctx context.Context, args []string, stdout, stderr io.Writer, now func() time.Time) int {
	root := newRootCommand(now)
	root.SetArgs(args)
	root.SetOut(stdout)
	root.SetErr(stderr)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return 0
	}
	fmt.Fprintf(stderr, "swimctl: %v\n", err)
	if _, ok := errors.AsType[*callError](err); ok {
		return 1
	}
	fmt.Fprintln(stderr, `Try "swimctl --help".`)
	return 2
}
