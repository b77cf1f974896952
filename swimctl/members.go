package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"text/tabwriter"

	"github.com/spf13/cobra"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/swimpair/swim/proto/swim"
	"github.com/swimpair/swim/proto/swimpb"
	"github.com/swimpair/swim/proto/wire"
)

func newMembersCommand(opts *options) *cobra.Command {
	return &cobra.Command{
		Use:   "members",
		Short: "List the members that a node knows, and their states",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			list, err := listMembers(cmd.Context(), opts)
			if err != nil {
				return err
			}
			if opts.format == formatJSON {
				return printMembersJSON(cmd.OutOrStdout(), list)
			}
			return printMembersTable(cmd.OutOrStdout(), list)
		},
	}
}

// listMembers asks for all pages of the list. What changes meanwhile may be in it or not.
func listMembers(ctx context.Context, opts *options) (wire.List, error) {
	list, err := listPage(ctx, opts, "")
	for token := list.NextToken; err == nil && token != ""; {
		var page wire.List
		page, err = listPage(ctx, opts, token)
		if err == nil && page.NextToken != "" && page.NextToken <= token {
			return wire.List{}, &callError{fmt.Errorf("%s lists its members in a circle", opts.addr)}
		}
		list.Members, token = append(list.Members, page.Members...), page.NextToken
	}
	return list, err
}

func listPage(ctx context.Context, opts *options, token string) (wire.List, error) {
	c, err := connect(opts.addr)
	if err != nil {
		return wire.List{}, err
	}
	defer c.close()
	ctx, cancel := context.WithTimeout(introduce(ctx), opts.timeout)
	defer cancel()
	answer, err := c.ListMembers(ctx, &swimpb.ListMembersRequest{PageToken: token})
	if status.Code(err) == codes.DeadlineExceeded {
		return wire.List{}, c.silent(opts.timeout)
	}
	if err != nil {
		return wire.List{}, c.explain(err)
	}
	list, err := wire.ParseList(answer)
	if err != nil {
		return wire.List{}, c.garbled(err)
	}
	return list, nil
}

func printMembersTable(w io.Writer, list wire.List) error {
	fmt.Fprintf(w, "Seen by node %s of cluster %q; its detector: %s\n",
		list.Node.ID, list.Node.Cluster, orDash(list.Node.Detector))
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "ID\tSTATE\tREASON\tINCARNATION\tDETECTOR\tDISSEMINATOR")
	for _, m := range list.Members {
		incarnation := "-"
		if m.Incarnation != 0 {
			incarnation = fmt.Sprint(m.Incarnation)
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s\n", orDash(m.ID), m.State, orDash(m.Reason.String()),
			incarnation, m.DetectorAddress, orDash(m.DisseminatorAddress))
	}
	return t.Flush()
}

// orDash keeps the columns of a table in place where there is nothing to say.
func orDash[T ~string](s T) T {
	if s == "" {
		return "-"
	}
	return s
}

// memberJSON is one element of `members -o json`. Scripts rely on the names: add only.
type memberJSON struct {
	ID                  swim.NodeID      `json:"id"` // empty for a contact that nobody has met
	State               string           `json:"state"`
	Reason              string           `json:"reason"`
	Accuser             swim.NodeID      `json:"accuser"`
	Incarnation         swim.Incarnation `json:"incarnation"`
	DetectorAddress     swim.Address     `json:"detector_address"`
	DisseminatorAddress swim.Address     `json:"disseminator_address"`
}

func printMembersJSON(w io.Writer, list wire.List) error {
	rows := make([]memberJSON, 0, len(list.Members))
	for _, m := range list.Members {
		rows = append(rows, memberJSON{
			ID: m.ID, State: m.State.String(), Reason: m.Reason.String(), Accuser: m.Accuser,
			Incarnation:     m.Incarnation,
			DetectorAddress: m.DetectorAddress, DisseminatorAddress: m.DisseminatorAddress,
		})
	}
	out := json.NewEncoder(w)
	out.SetIndent("", "  ")
	return out.Encode(rows)
}
