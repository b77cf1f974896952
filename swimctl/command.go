package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"time"

	"github.com/spf13/cobra"

	"github.com/swimpair/swim/internal/daemon"
)

// options are the flags that all commands share.
type options struct {
	addr    string
	format  format
	timeout time.Duration
	now     func() time.Time
}

func newRootCommand(now func() time.Time) *cobra.Command {
	opts := &options{format: formatTable, now: now}
	version := false
	root := &cobra.Command{
		Use:   "swimctl",
		Short: "Show the membership as one node sees it",
		Long: `Show the membership as one node sees it.

Every node has its own list; --addr says whom to ask. The disseminator of node n listens on
port 50060+n, so the default is node 1 of this machine.`,
		Example: `  swimctl members
  swimctl members --addr 127.0.0.1:50062 -o json
  swimctl agree
  swimctl watch -o json`,
		SilenceErrors:     true,
		SilenceUsage:      true,
		PersistentPreRunE: func(*cobra.Command, []string) error { return opts.validate() },
		RunE: func(cmd *cobra.Command, _ []string) error {
			if version {
				return printVersion(cmd.OutOrStdout(), opts.format)
			}
			return cmd.Help()
		},
	}
	root.Flags().BoolVarP(&version, "version", "v", false, "print the version of swimctl itself")
	flags := root.PersistentFlags()
	flags.StringVar(&opts.addr, "addr", "127.0.0.1:50061", "host:port of a disseminator (50060 + node id)")
	flags.VarP(&opts.format, "output", "o", "how to print: table or json")
	flags.DurationVar(&opts.timeout, "timeout", 5*time.Second, "how long the node may be silent before swimctl gives up")
	root.AddCommand(newMembersCommand(opts), newAgreeCommand(opts), newWatchCommand(opts), newVersionCommand(opts))
	return root
}

// validate refuses what the flag parser lets pass.
func (o *options) validate() error {
	if o.timeout <= 0 {
		return fmt.Errorf("--timeout %s: has to be more than 0, for example 5s", o.timeout)
	}
	if _, port, err := net.SplitHostPort(o.addr); err != nil || port == "" {
		return fmt.Errorf("--addr %q: has to be host:port, for example 127.0.0.1:50061", o.addr)
	}
	return nil
}

func newVersionCommand(opts *options) *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version of swimctl itself",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return printVersion(cmd.OutOrStdout(), opts.format)
		},
	}
}

func printVersion(w io.Writer, f format) error {
	if f == formatJSON {
		return json.NewEncoder(w).Encode(map[string]string{"version": daemon.Version()})
	}
	_, err := fmt.Fprintf(w, "swimctl %s\n", daemon.Version())
	return err
}

// format of the output; a flag value, so that a wrong one is refused with the other flags.
type format string

const (
	formatTable format = "table"
	formatJSON  format = "json"
)

func (f *format) String() string { return string(*f) }
func (f *format) Type() string   { return "table|json" }

func (f *format) Set(s string) error {
	switch format(s) {
	case formatTable, formatJSON:
		*f = format(s)
		return nil
	}
	return errors.New("has to be table or json")
}
