package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/swimpair/swim/proto/swim"
	"github.com/swimpair/swim/proto/wire"
)

// maxAsked is how many nodes are asked at a time.
const maxAsked = 32

func newAgreeCommand(opts *options) *cobra.Command {
	return &cobra.Command{
		Use:   "agree",
		Short: "Ask every live member whether all tables are the same",
		Long: `Ask every live member whether all tables are the same.

Each one that the first node lists as alive or suspect is asked, at the address of its
disseminator, for the digest of its table (who is live, in which incarnation) and for how long
that has been so. If all are the same, the difference of these times is what the last change
took to reach everybody. If not, or if a member gives no answer, the exit code is 1; while news
is on its way that may be so for a moment.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			list, err := listMembers(cmd.Context(), opts)
			if err != nil {
				return err
			}
			a := compareViews(askAll(cmd.Context(), opts, list))
			print := printAgreementTable
			if opts.format == formatJSON {
				print = printAgreementJSON
			}
			if err := print(cmd.OutOrStdout(), a); err != nil {
				return err
			}
			return a.fault()
		},
	}
}

// view is what one member says of its table.
type view struct {
	id     swim.NodeID
	digest swim.Digest
	since  time.Time // on our own clock: since when its table has been so
	err    error     // why it could not be asked
}

// askAll asks every live member of the list at once; the node that gave the list has
// answered already.
func askAll(ctx context.Context, opts *options, list wire.List) []view {
	live := slices.DeleteFunc(slices.Clone(list.Members), func(m swim.Member) bool { return !m.State.Live() })
	views := make([]view, len(live))
	var asking sync.WaitGroup
	free := make(chan struct{}, maxAsked)
	for i, m := range live {
		v := &views[i]
		v.id = m.ID
		if m.ID == list.Node.ID {
			v.heard(list.Node, opts.now())
			continue
		}
		free <- struct{}{}
		asking.Go(func() {
			v.ask(ctx, opts, string(m.DisseminatorAddress))
			<-free
		})
	}
	asking.Wait()
	return views
}

func (v *view) ask(ctx context.Context, opts *options, addr string) {
	there := *opts
	there.addr = addr
	page, err := listPage(ctx, &there, "")
	if err != nil {
		v.err = err
		return
	}
	v.heard(page.Node, opts.now())
}

func (v *view) heard(from wire.NodeStatus, now time.Time) {
	switch {
	case from.ID != v.id:
		v.err = fmt.Errorf("node %s answers at its address", from.ID)
	case from.Digest.Hash == 0:
		v.err = fmt.Errorf("it says nothing of its table")
	}
	v.digest, v.since = from.Digest, now.Add(-from.Digest.Age)
}

// agreement is what the views say together.
type agreement struct {
	views  []view
	digest uint64        // of most
	stable time.Duration // for how long the last of them has had it
	took   time.Duration // from the first that had it to the last
}

// compareViews takes what most members have for the measure, or what the first of them has.
func compareViews(views []view) agreement {
	a := agreement{views: views}
	count := map[uint64]int{}
	for _, v := range views {
		if v.err == nil {
			count[v.digest.Hash]++
		}
	}
	for _, v := range views {
		if v.err == nil && count[v.digest.Hash] > count[a.digest] {
			a.digest = v.digest.Hash
		}
	}
	var first, last view
	for _, v := range views {
		if !a.sharedBy(v) {
			continue
		}
		if first.id == "" || v.since.Before(first.since) {
			first = v
		}
		if last.id == "" || v.since.After(last.since) {
			last = v
		}
	}
	a.stable, a.took = last.digest.Age, last.since.Sub(first.since)
	return a
}

func (a agreement) sharedBy(v view) bool { return v.err == nil && v.digest.Hash == a.digest }

// fault names who does not agree, nil if all do.
func (a agreement) fault() error {
	var other, silent []string
	for _, v := range a.views {
		switch {
		case v.err != nil:
			silent = append(silent, string(v.id))
		case !a.sharedBy(v):
			other = append(other, string(v.id))
		}
	}
	var faults []string
	if len(other) > 0 {
		faults = append(faults, "another view than most: "+strings.Join(other, ", "))
	}
	if len(silent) > 0 {
		faults = append(faults, "not known: "+strings.Join(silent, ", "))
	}
	if faults == nil {
		return nil
	}
	return &callError{fmt.Errorf("the views do not agree; %s", strings.Join(faults, "; "))}
}

func printAgreementTable(w io.Writer, a agreement) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "ID\tDIGEST\tFOR\tVIEW")
	for _, v := range a.views {
		switch {
		case v.err != nil:
			fmt.Fprintf(t, "%s\t-\t-\t%v\n", v.id, v.err)
		case a.sharedBy(v):
			fmt.Fprintf(t, "%s\t%016x\t%s\tthe same\n", v.id, v.digest.Hash, shown(v.digest.Age))
		default:
			fmt.Fprintf(t, "%s\t%016x\t%s\tanother\n", v.id, v.digest.Hash, shown(v.digest.Age))
		}
	}
	if err := t.Flush(); err != nil || a.fault() != nil {
		return err
	}
	_, err := fmt.Fprintf(w, "Views agree: %d live, digest %016x, stable for %s; the last change reached all within %s.\n",
		len(a.views), a.digest, shown(a.stable), shown(a.took))
	return err
}

func shown(d time.Duration) time.Duration { return d.Round(time.Millisecond) }

// agreementJSON is `agree -o json`. Scripts rely on the names: add only.
type agreementJSON struct {
	Agree     bool       `json:"agree"`
	Digest    string     `json:"digest"`     // of most members
	StableFor float64    `json:"stable_for"` // seconds
	Took      float64    `json:"took"`       // seconds from the first that had it to the last
	Members   []viewJSON `json:"members"`
}

type viewJSON struct {
	ID     swim.NodeID `json:"id"`
	Digest string      `json:"digest"` // empty if it is not known
	Age    float64     `json:"age"`    // seconds
	Error  string      `json:"error"`
}

func printAgreementJSON(w io.Writer, a agreement) error {
	out := agreementJSON{
		Agree: a.fault() == nil, Digest: fmt.Sprintf("%016x", a.digest),
		StableFor: a.stable.Seconds(), Took: a.took.Seconds(), Members: []viewJSON{},
	}
	for _, v := range a.views {
		row := viewJSON{ID: v.id}
		if v.err != nil {
			row.Error = v.err.Error()
		} else {
			row.Digest, row.Age = fmt.Sprintf("%016x", v.digest.Hash), v.digest.Age.Seconds()
		}
		out.Members = append(out.Members, row)
	}
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	return encoder.Encode(out)
}
